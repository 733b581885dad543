/**
 * Lets a converted istio-proxy exit at once: Kubernetes ends it after all apps, so that there is nothing to drain. By default it
 * would take 5 s. What the pod or the mesh says about it stays.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig (terminationDrainDuration)
 */
import type { Named } from './schema.ts';

const short = '"terminationDrainDuration":"0s"';

const variables: Named[] = [
  { name: 'env', expression: 'variables.sidecar.?env.orValue([])' },
  { name: 'configAt', expression: "variables.env.map(e, e.name).indexOf('PROXY_CONFIG')" },
  {
    name: 'config',
    expression: "variables.configAt < 0 ? '' : variables.env[variables.configAt].?value.orValue('')",
  },
  {
    name: 'drainsByChoice',
    expression:
      "variables.config.contains('terminationDrainDuration') || variables.config.contains('EXIT_ON_ZERO_ACTIVE_CONNECTIONS') || variables.env.exists(e, e.name == 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS')",
  },
];

const operations: string[] = [
  `(variables.configAt >= 0 || variables.drainsByChoice || !has(variables.sidecar.env) ? [] : [
    JSONPatch{op: 'add', path: variables.path + '/env/-', value: Object.spec.initContainers.env{name: 'PROXY_CONFIG', value: '{${short}}'}}
  ])`,
  `(!variables.config.startsWith('{') || variables.drainsByChoice ? [] : [
    JSONPatch{
      op: 'replace',
      path: variables.path + '/env/' + string(variables.configAt) + '/value',
      value: variables.config == '{}' ? '{${short}}' : variables.config.replace('{', '{${short},', 1)
    }
  ])`,
];

export const drain = { variables, operations };
