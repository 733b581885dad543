/** How each sidecar of a pod that hangs is ended from outside of the pod, and which sidecar cannot be. Pure. */

import type { Facts } from '../pod/facts.ts';
import { proxyContainerName } from '../pod/names.ts';
import type { SidecarEnd } from '../pod/sidecars/end.ts';
import { shortened } from '../util/text.ts';
import { startsAgain } from './restarts.ts';

/**
 * - `post`: a POST to a port on the pod's loopback; `orRun` is what to run in the container if that cannot be sent, or is not taken
 * - `run`: a program in the container
 * - `itself`: it ends when the others have ended
 */
export type Way = { container: string } & (
  | { by: 'post'; port: number; path: string; orRun?: readonly string[] }
  | { by: 'run'; run: readonly string[] }
  | { by: 'itself' }
);

/** In the place of a container: which one listens at these URLs is not known, and it may have ended already. */
export const quitUrlsName = 'clockout.dev/quit-urls';

/** @param keeper a sentence about the first container that nothing ends; then none of the others is to be ended */
export type Ways = { ways: Way[]; keeper?: string };

/**
 * @param running the names of the containers that are no apps and still run. Istio's comes last: others may need its network
 * @param unknown those of them that another webhook has added, and that Clockout does not know
 */
export function findWays(facts: Facts, running: readonly string[], unknown: readonly string[] = []): Ways {
  if (facts.spec.hostNetwork) return { ways: [], keeper: "it has the node's network, so its ports are not its own" };
  const proxyLast = [...running].sort((a, b) => Number(a === proxyContainerName) - Number(b === proxyContainerName));
  const found = proxyLast.map((name) => (unknown.includes(name) ? explainUnknown(name) : findWay(facts, name)));
  const keeper = found.find((way) => typeof way === 'string');
  const ways = found.filter((way) => typeof way === 'object');
  if (keeper !== undefined) return { ways: [], keeper };
  return { ways: [...quitUrls(facts), ...ways] };
}

/** `istio-proxy: POST :15020/quitquitquit` */
export function describeWay(way: Way): string {
  const container = shortened(way.container, 63);
  if (way.by === 'itself') return `${container}: ends by itself`;
  return way.by === 'post'
    ? `${container}: POST :${way.port}${shortened(way.path, 100)}`
    : `${container}: SIGTERM, by exec`;
}

// --- internal ---

/** SIGTERM to each process of the container but the shell, which process 1 is not among `-1`. As Clockout's guard does. */
const terminate = ['sh', '-c', 'kill -TERM -1; kill -TERM 1'];

/** @returns a sentence if there is none */
function findWay(facts: Facts, name: string): Way | string {
  const container = facts.spec.containers.find((each) => each.name === name);
  if (!container) return `Clockout does not know the container ${shortened(name, 63)}`;
  const policy = container.restartPolicy ?? facts.spec.restartPolicy ?? 'Always';
  if (startsAgain(container, policy, 0)) return `the kubelet would start ${shortened(name, 63)} again`;
  if (name === proxyContainerName) return proxyWay(facts);
  const sidecar = facts.sidecars.find((each) => each.container.name === name);
  if (sidecar) return knownWay(name, sidecar.end);
  if (facts.options['quit-urls'].length > 0) return { container: name, by: 'itself' };
  return `clockout.dev/exclude-containers names ${shortened(name, 63)}, and no clockout.dev/quit-urls ends it`;
}

const explainUnknown = (name: string): string => {
  const shown = shortened(name, 63);
  return `the Job's template does not have the container ${shown}, and Clockout does not know how it ends; end it yourself, or delete the Job`;
};

/** Without a status server, Envoy's own port ends Envoy, and pilot-agent with it. That is also what pilot-agent asks. */
const proxyWay = ({ statusPort }: Facts): Way => ({
  container: proxyContainerName,
  by: 'post',
  port: statusPort === 0 ? 15_000 : statusPort,
  path: '/quitquitquit',
  orRun: ['pilot-agent', 'request', 'POST', 'quitquitquit'],
});

function knownWay(container: string, end: SidecarEnd): Way | string {
  switch (end.by) {
    case 'url':
      return { container, ...postTo(end.url), ...(end.term && { orRun: terminate }) };
    case 'term':
      return { container, by: 'run', run: terminate };
    case 'itself':
      return { container, by: 'itself' };
    case 'nothing':
      return `nothing ends ${shortened(container, 63)}: ${end.advice}`;
  }
}

const quitUrls = ({ options }: Facts): Way[] =>
  options['quit-urls'].map((url) => ({ container: quitUrlsName, ...postTo(url) }));

function postTo(url: string) {
  const { port, pathname, search } = new URL(url);
  return { by: 'post' as const, port: Number(port || 80), path: `${pathname}${search}` };
}
