/**
 * The policy that gives a native sidecar its `restartPolicy` back, if a webhook that does not know the field has dropped it.
 * Kubernetes refuses an init container with a lifecycle hook or such a probe, unless its restartPolicy is Always: the policy
 * changes only pods that would be refused.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/validation/validation.go (validateInitContainers)
 */
import { jsonPatch, type Policy } from './schema.ts';

const isStripped = `!has(c.restartPolicy) &&
    (has(c.lifecycle) || has(c.startupProbe) || has(c.readinessProbe) || has(c.livenessProbe))`;

export const repair: Policy = {
  name: 'clockout-repair',
  about: `Gives native sidecars their restartPolicy back, if a webhook has dropped it. Kubernetes would refuse such a pod.`,
  reinvocationPolicy: 'IfNeeded',
  conditions: [],
  variables: [
    { name: 'inits', expression: 'object.spec.?initContainers.orValue([])' },
    { name: 'names', expression: 'variables.inits.map(c, c.name)' },
  ],
  mutation: jsonPatch(`variables.inits
  .filter(c, ${isStripped})
  .map(c, JSONPatch{
    op: 'add',
    path: '/spec/initContainers/' + string(variables.names.indexOf(c.name)) + '/restartPolicy',
    value: 'Always'
  })`),
};
