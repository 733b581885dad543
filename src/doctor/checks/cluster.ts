/** Checks of the cluster itself: its versions, and what Istio does in it. */

import { readKubeletMinor } from '../../kubernetes/minor-version.ts';
import { plural } from '../../util/count.ts';
import { listAt, textAt } from '../../util/find-value.ts';
import { shortened } from '../../util/text.ts';
import { type Check, fault, fine, judge, named, warn } from '../check.ts';
import { isIstios } from '../read/configuration.ts';

/** The first version that has matchConditions on by default, which the webhook configuration needs. */
const firstApiServer = 28;
/** The first with native sidecars on by default. */
const firstNative = 29;
/** Istio 1.27 injects native sidecars by itself if all nodes have this one. */
const firstByDefault = 33;

export const clusterChecks: readonly Check[] = [
  {
    id: 'api-server-version',
    group: 'Cluster',
    when: 'always',
    about: 'The API server is Kubernetes 1.28 or newer, the first version that has match conditions turned on.',
    remedy: 'Upgrade the control plane. With an older version, you can still wrap manifests with `clockout inject`.',
    needs: 'none: everybody may read the version',
    find: ({ apiServer }) =>
      judge('the version of the API server', apiServer, (version) => {
        const [shown, minor] = [shortened(version, 40), readKubeletMinor(version)];
        if (minor !== undefined && minor >= firstApiServer) return fine(`the API server is Kubernetes ${shown}`);
        const expected = `expected Kubernetes 1.${firstApiServer} or newer`;
        if (minor !== undefined)
          return fault(`the API server is Kubernetes ${shown}; ${expected}`, 'Upgrade the control plane.');
        return warn(
          `the API server does not tell its version as Kubernetes does: ${expected}, found ${version === '' ? 'none' : shown}`,
          'Look at it with kubectl version. If it is new enough, nothing is wrong.',
        );
      }),
  },
  {
    id: 'node-versions',
    group: 'Cluster',
    when: 'always',
    about:
      'There are Linux nodes, and if the strategy is `native` or `auto`, all of them run Kubernetes 1.29 or newer. Wrapping works with every version.',
    remedy: 'Upgrade the nodes that the line names, or set `strategy: wrap`.',
    needs: '`list` on `nodes`',
    find: ({ nodes, installation }) =>
      judge('the versions of the nodes', nodes, (all) => {
        const linux = all.filter(({ os }) => os === 'linux');
        if (linux.length === 0) return fault('the cluster has no Linux nodes', 'Add one: Clockout wraps Linux pods.');
        const known = linux.flatMap(({ version }) => readKubeletMinor(version) ?? []);
        const old = linux.filter(({ version }) => (readKubeletMinor(version) ?? 0) < firstNative);
        const strategy = installation?.deployment.ok ? installation.deployment.value?.env.CLOCKOUT_STRATEGY : undefined;
        if (strategy === 'native' && old.length > 0) {
          const names = named(old.map(({ name }) => name));
          return warn(
            `the strategy is native, and ${plural(old.length, 'node')} cannot run native sidecars: ${names}`,
            'Upgrade these nodes, or set strategy: wrap.',
          );
        }
        const [least, most] = [Math.min(...known), Math.max(...known)];
        const range =
          known.length === 0 ? 'an unknown version' : least === most ? `1.${least}` : `1.${least} to 1.${most}`;
        return fine(`${plural(linux.length, 'Linux node')} with Kubernetes ${range}`);
      }),
  },
  {
    id: 'istio',
    group: 'Cluster',
    when: 'always',
    about: 'Istio injects its sidecar in this cluster: there is a webhook configuration of its injector.',
    remedy:
      'Without an injector, no pod gets a sidecar, so no Job hangs because of one. In ambient mode, you do not need Clockout. If Istio injects by other means, ignore this line.',
    needs: '`list` on `mutatingwebhookconfigurations`',
    find: ({ configurations }) =>
      judge('whether Istio injects sidecars', configurations, (all) => {
        const injectors = all.filter(isIstios);
        if (injectors.length > 0) {
          return fine(`Istio injects sidecars, with ${named(injectors.map(({ name }) => name))}`);
        }
        return warn(
          'Istio has no injector in this cluster',
          'Install Istio with sidecars. Without them, for example in ambient mode, you do not need Clockout.',
        );
      }),
  },
  {
    id: 'native-already',
    group: 'Cluster',
    when: 'always',
    about:
      'Istio injects classic sidecars, which keep a Job running. The check creates a Job pod that has opted out of Clockout, as a dry run, in a namespace where Istio injects.',
    remedy:
      'If Istio injects native sidecars, Kubernetes ends them by itself. You need Clockout only for other sidecars, or for pods that ask for a classic one. See [The removal](removal.md).',
    needs: '`create` on `pods` in a namespace where Istio injects',
    find: ({ probes: { istio } }) =>
      istio &&
      judge('which sidecars Istio injects', istio, ({ namespace, answer }) => {
        const where = `in the namespace ${shortened(namespace, 63)}`;
        // The check of the sample says why pods are refused.
        if (!answer.ok) return undefined;
        const kind = findProxy(answer.value);
        if (kind === 'classic') return fine(`Istio injects classic sidecars ${where}, which keep Jobs running`);
        if (kind === undefined) return undefined;
        return warn(
          `Istio injects native sidecars ${where}: Kubernetes ends them by itself`,
          `You may not need Clockout: with Istio 1.27 or newer and all nodes from Kubernetes 1.${firstByDefault} on, only other sidecars keep a Job running.`,
        );
      }),
  },
];

// --- internal ---

function findProxy(pod: unknown): 'native' | 'classic' | undefined {
  const isProxy = (container: unknown) => textAt(container, 'name') === 'istio-proxy';
  if (listAt(pod, 'spec', 'containers').some(isProxy)) return 'classic';
  return listAt(pod, 'spec', 'initContainers').some(isProxy) ? 'native' : undefined;
}
