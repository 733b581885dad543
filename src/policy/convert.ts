/**
 * The policy that converts a classic sidecar into a native one: it moves the container to the init containers. All operations
 * are in one mutation, because the variables of a policy are evaluated once.
 */
import { istioNative, proxyContainerName } from '../pod/names.ts';
import { drain } from './drain.ts';
import { type Mesh, meshes } from './meshes.ts';
import { jsonPatch, type Named, type Policy, quote } from './schema.ts';
import { rewriteStatus } from './status.ts';

/** @param container its name */
export function convert(container: string): Policy {
  const mesh = meshes.find((each) => each.container === container);
  const isIstio = container === proxyContainerName;
  const parts = [
    ...move,
    ...(mesh ? gate(mesh) : []),
    ...(isIstio ? [...drain.operations, rewriteStatus.operations, askAgain] : []),
  ];
  return {
    name: `clockout-convert-${container}`,
    about: `Converts a classic ${container} into a native sidecar, after the webhook that has injected it.`,
    reinvocationPolicy: 'IfNeeded',
    conditions: [],
    variables: [...variables(container, mesh), ...(isIstio ? [...drain.variables, ...rewriteStatus.variables] : [])],
    mutation: jsonPatch(`!variables.converts ? [] :\n  ${parts.join('\n  + ')}`),
  };
}

// --- internal ---

const variables = (container: string, mesh: Mesh | undefined): Named[] => [
  { name: 'at', expression: `object.spec.containers.map(c, c.name).indexOf(${quote(container)})` },
  // Without another container there would be no app.
  { name: 'converts', expression: 'variables.at >= 0 && size(object.spec.containers) > 1' },
  { name: 'sidecar', expression: 'object.spec.containers[variables.at]' },
  { name: 'names', expression: 'object.spec.?initContainers.orValue([]).map(c, c.name)' },
  // If a webhook has injected it a second time, the newer one takes the place of the older one.
  { name: 'twin', expression: `variables.names.indexOf(${quote(container)})` },
  { name: 'to', expression: `variables.twin >= 0 ? variables.twin : ${position(mesh)}` },
  { name: 'path', expression: "'/spec/initContainers/' + string(variables.to)" },
];

/** After the init container of its mesh; without one, last, so that the pod requests no more than before. */
function position(mesh: Mesh | undefined): string {
  if (!mesh) return 'size(variables.names)';
  const found = mesh.inits.map((name) => `variables.names.indexOf(${quote(name)})`).join(', ');
  return `([${found}].max() >= 0 ? [${found}].max() + 1 : size(variables.names))`;
}

const when = (condition: string, ...operations: string[]) =>
  `(${condition} ? [\n    ${operations.join(',\n    ')}\n  ] : [])`;

/** `move` copies the container as it is. A value that is a list of objects panics the API server: kubernetes/kubernetes#142181. */
const move: readonly string[] = [
  when('!has(object.spec.initContainers)', "JSONPatch{op: 'add', path: '/spec/initContainers', value: []}"),
  when('variables.twin >= 0', "JSONPatch{op: 'remove', path: variables.path}"),
  `[
    JSONPatch{op: 'move', from: '/spec/containers/' + string(variables.at), path: variables.path},
    JSONPatch{op: 'add', path: variables.path + '/restartPolicy', value: 'Always'}
  ]`,
  // Kubernetes allows these rules only with another restartPolicy.
  when(
    'has(variables.sidecar.restartPolicyRules)',
    "JSONPatch{op: 'remove', path: variables.path + '/restartPolicyRules'}",
  ),
];

const startupProbe = {
  periodSeconds: 1,
  timeoutSeconds: 3,
  failureThreshold: 600,
  successThreshold: 1,
  initialDelaySeconds: 0,
};

/** The app starts when the startupProbe has succeeded. */
const gate = ({ wait }: Mesh): string[] => [
  when(
    '!has(variables.sidecar.startupProbe) && has(variables.sidecar.readinessProbe)',
    "JSONPatch{op: 'copy', from: variables.path + '/readinessProbe', path: variables.path + '/startupProbe'}",
    ...Object.entries(startupProbe).map(
      ([field, value]) => `JSONPatch{op: 'add', path: variables.path + '/startupProbe/${field}', value: ${value}}`,
    ),
  ),
  when(
    `(has(variables.sidecar.startupProbe) || has(variables.sidecar.readinessProbe)) &&
    variables.sidecar.?lifecycle.postStart.exec.command.orValue([]).join(' ').startsWith(${quote(wait)})`,
    `JSONPatch{op: 'remove', path: variables.path + '/lifecycle' +
      (has(variables.sidecar.lifecycle.preStop) || has(variables.sidecar.lifecycle.stopSignal) ? '/postStart' : '')}`,
  ),
];

/** If Istio's webhook is called again, it then makes a native sidecar itself. */
const askAgain = when(
  'has(object.metadata.annotations)',
  `JSONPatch{op: 'add', path: '/metadata/annotations/${istioNative.replace('/', '~1')}', value: 'true'}`,
);
