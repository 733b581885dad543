/** From a decision to an injection with all values settled: no lookup, default or annotation is left to read after this. */

import { type Decision, restartPolicyOf } from '../decide/decide.ts';
import type { Entrypoint } from '../entrypoint/resolve.ts';
import type { AppContainer } from '../pod/annotations/select-containers.ts';
import type { Options } from '../pod/annotations/table.ts';
import { proxyContainerName } from '../pod/names.ts';
import type { Pod, Resources } from '../pod/schema.ts';
import { sharedProcesses } from '../pod/sidecars/read.ts';
import { trapFor } from '../pod/stop-signal.ts';
import { type PlannedSidecar, planSidecars } from './plan-sidecars.ts';
import { initResources } from './resources.ts';
import { mayWait } from './wait.ts';

/** What of the installation's settings an injection depends on. */
export type Settings = {
  /** Of Clockout. */
  version: string;
  /** The image with a static busybox at /bin/busybox; without `resources` they follow the app's. */
  wrapper: { image: string; pullPolicy?: string; resources?: Resources };
};

/** What counts as the end of a container: any exit, or only exit 0, after which the kubelet does not restart it. */
export type EndRule = 'any' | 'zero';

export type WrappedContainer = {
  name: string;
  /** Position in spec.containers. */
  index: number;
  entrypoint: Entrypoint;
  /** Seconds to wait for the proxy to be ready; 0 = start at once. */
  wait: number;
  onWaitTimeout: 'start' | 'fail';
  /** The signal by which the kubelet tells it to exit, as a shell's `trap` calls it. */
  stop: string;
  end: EndRule;
  /** Seconds after which a container that never started is given up; 0 = never. */
  startTimeout: number;
  probes: Options['probes'];
};

export type Plan = {
  /** What there is of Istio: see the decision. */
  sidecar: Wrap['sidecar'];
  /** Pilot-agent's status port; 0 = it has none, or is not there. */
  port: number;
  /** Seconds that a container stays to tell a sidecar to quit, or that nobody does. */
  quit: number | 'never';
  /** Seconds, with fractions, between the last end and the quit. */
  quitDelay: number;
  /** Seconds after the first end when whom the pod still waits for is named; 0 = never. */
  reportAfter: number;
  /** Loopback URLs to POST to at the end, of sidecars that no guard can end. */
  quitUrls: string[];
  /** Istio's and others, as far as they are in view and can be ended. */
  sidecars: PlannedSidecar[];
  /** Whether a guard sees others' processes beside its own container's: TERM is for a pilot-agent that it finds, or nobody. */
  sharedProcesses: boolean;
  containers: WrappedContainer[];
  initContainer: { image: string; pullPolicy?: string; runAsUser: number; resources: Resources };
  version: string;
  /** Whether the scripts say what they decide. */
  trace: boolean;
};

type Wrap = Extract<Decision, { wrap: true }>;

/** @param entrypoints one for each of the decision's containers, in their order */
export function makePlan(pod: Pod, decision: Wrap, entrypoints: Entrypoint[], settings: Settings): Plan {
  const apps = decision.containers.map(({ container }) => container);
  const { options, sidecar, port } = decision;
  const sidecars = planSidecars(pod, decision);
  const unguarded = sidecars.filter(({ name, guard }) => name !== proxyContainerName && !guard.runs);
  return {
    sidecar,
    port,
    quit: options.quit === 'never' ? 'never' : seconds(options['quit-timeout']),
    quitDelay: options['quit-delay'] / 1000,
    reportAfter: decision.containers.length > 1 ? seconds(options['report-after']) : 0,
    quitUrls: [...options['quit-urls'], ...unguarded.flatMap(({ quitUrl }) => quitUrl ?? [])],
    sidecars,
    sharedProcesses: sharedProcesses(pod) !== undefined,
    containers: decision.containers.map((app, i) => wrappedContainer(pod, app, entrypointAt(entrypoints, i), decision)),
    initContainer: {
      image: settings.wrapper.image,
      ...(settings.wrapper.pullPolicy ? { pullPolicy: settings.wrapper.pullPolicy } : {}),
      runAsUser: userFor(pod, decision.containers),
      resources: settings.wrapper.resources ?? initResources(pod, apps),
    },
    version: settings.version,
    trace: options.trace,
  };
}

function entrypointAt(entrypoints: Entrypoint[], index: number): Entrypoint {
  const entrypoint = entrypoints[index];
  if (!entrypoint) throw new Error(`expected an entrypoint for each container to wrap, found ${entrypoints.length}`);
  return entrypoint;
}

function wrappedContainer(pod: Pod, { index, container }: AppContainer, entrypoint: Entrypoint, decision: Wrap) {
  const { options, sidecar } = decision;
  const waits = options['wait-for-proxy'] ?? mayWait(pod, index, options['wait-timeout']);
  const end = endRule(pod, container, options);
  return {
    name: container.name,
    index,
    entrypoint,
    wait: waits && sidecar !== 'other' ? seconds(options['wait-timeout']) : 0,
    onWaitTimeout: options['on-wait-timeout'],
    stop: stopOf(container, entrypoint),
    end,
    // Under OnFailure the kubelet tries a failed start again; only under Never is it lost, without a trace the guard could see.
    startTimeout: restartPolicyOf(pod, container) === 'Never' ? seconds(options['start-timeout']) : 0,
    probes: options.probes,
  } satisfies WrappedContainer;
}

function stopOf({ lifecycle }: AppContainer['container'], { stopSignal }: Entrypoint): string {
  const trap = trapFor(lifecycle?.stopSignal ?? stopSignal ?? 'TERM');
  // KILL ends the wrapper by itself, and of what it cannot hear there is a warning.
  return trap === undefined || trap === 'KILL' ? 'TERM' : trap;
}

/** A failure that the kubelet retries is not the end: the app would go on without its proxy. */
function endRule(pod: Pod, container: AppContainer['container'], { quit }: Options): EndRule {
  if (quit === 'on-success') return 'zero';
  return quit === 'always' || restartPolicyOf(pod, container) === 'Never' ? 'any' : 'zero';
}

/**
 * A user other than root, and on OpenShift one that the namespace's SCC allows: it has written its own into the pod by now.
 * @see https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html
 */
function userFor(pod: Pod, containers: AppContainer[]): number {
  const users = [pod.spec.securityContext, containers[0]?.container.securityContext].map(
    (context) => context?.runAsUser,
  );
  return users.find((user) => user != null && user !== 0) ?? 65532;
}

const seconds = (milliseconds: number) => Math.ceil(milliseconds / 1000);
