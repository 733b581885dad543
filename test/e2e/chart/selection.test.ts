/**
 * Which pods the MutatingWebhookConfiguration selects. The cases combine all namespaces, labels, owners and kinds of pods that it
 * distinguishes.
 */
import { describe, expect, it } from 'vitest';
import { isJobPod } from '../../../src/pod/owner.ts';
import type { Pod } from '../../../src/pod/schema.ts';
import { askingWebhooksOf, webhooksOf } from './manifests.ts';

type Labels = Record<string, string>;
type Expression = { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] };
type Selector = { matchLabels?: Labels; matchExpressions?: Expression[] };
type Webhook = {
  name: string;
  failurePolicy: string;
  clientConfig: { service: { path: string } };
  namespaceSelector: Selector;
  objectSelector: Selector;
  matchConditions: { name: string; expression: string }[];
};

/** @see https://github.com/kubernetes/apimachinery/blob/master/pkg/labels/selector.go (Requirement.Matches) */
function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  const holds = ({ key, operator, values = [] }: Expression) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === 'In' ? isIn : !isIn;
  };
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(holds);
}

/** Runs the chart's CEL as JavaScript: only two functions differ. Tests on the cluster use the API server's CEL. */
function evaluate(expression: string, object: unknown): boolean {
  const script = expression
    .replace(/has\(([\w.]+)\)/g, '($1 !== undefined)')
    .replace(/\.exists\((\w+),/g, '.some($1 =>');
  return new Function('object', `return (${script});`)(object) === true;
}

const selects = (webhook: Webhook, namespaceLabels: Labels, pod: Pod): boolean =>
  matches(webhook.namespaceSelector, namespaceLabels) &&
  matches(webhook.objectSelector, { ...pod.metadata?.labels } as Labels) &&
  webhook.matchConditions.every(({ expression }) => evaluate(expression, pod));

const owner = (kind: string, apiVersion: string, controller?: boolean) => ({
  ownerReferences: [{ kind, apiVersion, ...(controller !== undefined && { controller }) }],
});

/** Owners and labels of Job pods, and of pods that look like them. */
const belongings: Record<string, { ownerReferences?: object[]; labels?: Labels }> = {
  'without owner': {},
  'of a Job': owner('Job', 'batch/v1', true),
  'of a Job that is not its controller': owner('Job', 'batch/v1'),
  "of Volcano's Job": owner('Job', 'batch.volcano.sh/v1alpha1', true),
  'of a ReplicaSet': owner('ReplicaSet', 'apps/v1', true),
  'with job-name': { labels: { 'job-name': 'a' } },
  'with job-name, of a PyTorchJob': {
    ...owner('PyTorchJob', 'kubeflow.org/v1', true),
    labels: { 'job-name': 'a' },
  },
  'with job-name, and an owner that is no controller': { ...owner('ConfigMap', 'v1'), labels: { 'job-name': 'a' } },
  'with batch.kubernetes.io/job-name': { labels: { 'batch.kubernetes.io/job-name': 'a' } },
};

/** Pods that no webhook selects, and two that do not differ from others. */
const kinds: Record<string, { annotations?: Labels; spec?: object }> = {
  plain: {},
  'with annotations and nodeSelector': {
    annotations: { a: 'b' },
    spec: { nodeSelector: { a: 'b' }, os: { name: 'linux' } },
  },
  mirror: { annotations: { 'kubernetes.io/config.mirror': 'hash' } },
  'windows by os': { spec: { os: { name: 'windows' } } },
  'windows by nodeSelector': { spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } },
};

const podSays = [undefined, 'true', 'false', 'yes'];
const namespaceSays = [undefined, 'enabled', 'disabled', 'observe', 'true'];
const namespaces = ['jobs', 'mesh-jobs', 'kube-system', 'kube-public', 'kube-node-lease', 'istio-system'];

const inject = (value: string | undefined): Labels => (value === undefined ? {} : { 'clockout.dev/inject': value });

const cases = namespaces.flatMap((namespace) =>
  namespaceSays.flatMap((namespaceLabel) =>
    podSays.flatMap((podLabel) =>
      Object.entries(belongings).flatMap(([belongs, { ownerReferences, labels }]) =>
        Object.entries(kinds).map(([kind, { annotations, spec }]) => ({
          title: `${kind} pod ${belongs}, label ${podLabel}, in ${namespace}, label ${namespaceLabel}`,
          kind,
          namespace,
          namespaceLabel,
          podLabel,
          namespaceLabels: { 'kubernetes.io/metadata.name': namespace, team: 'a', ...inject(namespaceLabel) },
          pod: {
            metadata: {
              ...(ownerReferences && { ownerReferences }),
              ...(annotations && { annotations }),
              ...((labels || podLabel) && { labels: { ...labels, ...inject(podLabel) } }),
            },
            spec: { containers: [], ...spec },
          } as unknown as Pod,
        })),
      ),
    ),
  ),
);

const strategySays = [undefined, 'wrap', 'native', 'auto', 'sometimes', ''];

/** The webhooks that select the pod: one or none. */
function expected({ kind, pod, namespace, namespaceLabel, podLabel }: (typeof cases)[number], mode: string) {
  const excluded = [
    'mesh-jobs',
    'kube-system',
    'kube-public',
    'kube-node-lease',
    ...(mode === 'opt-in' ? [] : ['istio-system']),
  ];
  if (excluded.includes(namespace) || kind === 'mirror' || kind.startsWith('windows')) return [];
  if (podLabel === 'false') return [];
  if (podLabel === 'true') return [isJobPod(pod.metadata) ? 'job.clockout.dev' : 'pod.clockout.dev'];
  if (!isJobPod(pod.metadata)) return [];
  const unlabelled = { 'opt-in': 'disabled', cluster: 'enabled', observe: 'observe' }[mode];
  const says = ['enabled', 'disabled', 'observe'].find((word) => word === namespaceLabel) ?? unlabelled;
  if (says === 'disabled') return [];
  return [says === 'observe' ? 'observe.clockout.dev' : 'namespace.clockout.dev'];
}

describe.each([
  ['opt-in', 'default', { namespace: 'Fail', observe: 'Ignore', job: 'Fail', pod: 'Ignore' }],
  ['cluster', 'cluster', { namespace: 'Ignore', observe: 'Ignore', job: 'Ignore', pod: 'Ignore' }],
  ['opt-in', 'existing', { namespace: 'Ignore', observe: 'Ignore', job: 'Ignore', pod: 'Fail' }],
  ['observe', 'observe', { namespace: 'Fail', observe: 'Ignore', job: 'Fail', pod: 'Ignore' }],
])('mode %s, values %s', (mode, values, policies) => {
  const configuration = webhooksOf(values);
  const webhooks: Webhook[] = configuration.webhooks;

  it(`selects the right ones of ${cases.length} pods, each with at most one webhook`, () => {
    const wrong = cases.flatMap((each) => {
      const names = webhooks.filter((w) => selects(w, each.namespaceLabels, each.pod)).map(({ name }) => name);
      const right = expected(each, mode);
      return `${names}` === `${right}` ? [] : [`${each.title}: expected ${right}, found ${names}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(strategySays)('has a path for the strategy of the namespace: %s', (strategy) => {
    const suffix = strategy === undefined || ['wrap', 'native', 'auto'].includes(strategy) ? strategy : 'unknown';
    const wrong = cases.flatMap((each) => {
      const labels = { ...each.namespaceLabels, ...(strategy !== undefined && { 'clockout.dev/strategy': strategy }) };
      const names = webhooks.filter((w) => selects(w, labels, each.pod)).map(({ name }) => name);
      const right = expected(each, mode).map((name) => (suffix ? name.replace('.', `-${suffix}.`) : name));
      return `${names}` === `${right}` ? [] : [`${each.title}: expected ${right}, found ${names}`];
    });
    expect(wrong).toEqual([]);
    const paths = webhooks.map(({ name, clientConfig }) => [name, clientConfig.service.path]);
    for (const [name, path] of paths)
      expect(path).toBe(
        `/mutate${`${name}`.startsWith('observe') ? '/observe' : ''}${/-(\w+)[.]/.exec(`${name}`)?.[1]?.replace(/^/, '/') ?? ''}`,
      );
  });

  it('has the failure policies of the mode, or of the values', () => {
    const found = webhooks.map(({ name, failurePolicy }) => [name.split('.')[0]?.replace(/-.*/, ''), failurePolicy]);
    expect(new Set(found.map((each) => each.join()))).toEqual(
      new Set(Object.entries(policies).map((each) => each.join())),
    );
  });

  it('comes after Istio by name, and is reinvoked if another webhook changes the pod', () => {
    expect(configuration.metadata.name > 'istio-sidecar-injector-zzz').toBe(true);
    for (const webhook of configuration.webhooks) {
      expect(webhook).toMatchObject({ reinvocationPolicy: 'IfNeeded', sideEffects: 'None', matchPolicy: 'Equivalent' });
    }
  });
});

describe('the webhooks that ask Istio', () => {
  const configuration = askingWebhooksOf('ask-istio');
  const webhooks: Webhook[] = configuration.webhooks;
  const selected = (labels: Labels, pod: Pod) => webhooks.filter((webhook) => selects(webhook, labels, pod));

  it.each<[string | undefined, string | undefined]>([
    [undefined, ''],
    ['sometimes', ''],
    ['native', '/native'],
    ['auto', '/auto'],
    ['wrap', undefined],
  ])('select the same pods as the others, in a namespace with the strategy %s', (strategy, path) => {
    const wrong = cases.flatMap((each) => {
      const labels = { ...each.namespaceLabels, ...(strategy !== undefined && { 'clockout.dev/strategy': strategy }) };
      const found = selected(labels, each.pod).map(({ clientConfig }) => clientConfig.service.path);
      const acting = expected(each, 'opt-in').filter((name) => name !== 'observe.clockout.dev');
      const right = path === undefined ? [] : acting.map(() => `/mutate/ask-istio${path}`);
      return `${found}` === `${right}` ? [] : [`${each.title}: expected ${right}, found ${found}`];
    });
    expect(wrong).toEqual([]);
  });

  it('come before Istio by name, once, and never stop a pod', () => {
    expect(configuration.metadata.name < 'istio-').toBe(true);
    for (const webhook of webhooks)
      expect(webhook).toMatchObject({ reinvocationPolicy: 'Never', failurePolicy: 'Ignore', sideEffects: 'None' });
  });
});

it('namespaceMatchExpressions and matchConditions narrow the selection', () => {
  const [webhook] = webhooksOf('cluster').webhooks;
  const pod = (labels: Labels) => ({ metadata: { labels: { 'job-name': 'a', ...labels } }, spec: { containers: [] } });
  const selected = (namespaceLabels: Labels, labels: Labels) => selects(webhook, namespaceLabels, pod(labels));
  expect(selected({ team: 'a' }, {})).toBe(true);
  expect(selected({}, {})).toBe(false);
  expect(selected({ team: 'a' }, { 'example.com/legacy': '' })).toBe(false);
});
