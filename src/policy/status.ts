/**
 * Says in Istio's status annotation where the container now stands, as Istio itself says of a native sidecar. CEL reads no JSON,
 * so this replaces texts, in the form in which Istio writes them.
 * @see https://github.com/istio/istio/blob/1.31.0/pkg/kube/inject/inject.go (SidecarInjectionStatus)
 */
import { istioStatus } from '../pod/names.ts';
import { type Named, quote } from './schema.ts';

const variables: Named[] = [
  {
    name: 'status',
    expression: `object.metadata.?annotations[?${quote(istioStatus)}].orValue('')`,
  },
];

const native = [
  ['"containers":["istio-proxy"]', '"containers":[]'],
  ['"initContainers":null', '"initContainers":[]'],
  ['"initContainers":[', '"initContainers":["istio-proxy",'],
  ['"istio-proxy",]', '"istio-proxy"]'],
].reduce((text, [from, to]) => `${text}\n        .replace('${from}', '${to}')`, 'variables.status');

const operations = `(!variables.status.contains('"containers":["istio-proxy"]') ? [] : [
    JSONPatch{
      op: 'replace',
      path: '/metadata/annotations/${istioStatus.replace('/', '~1')}',
      value: ${native}
    }
  ])`;

export const rewriteStatus = { variables, operations };
