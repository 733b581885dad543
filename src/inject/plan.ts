/** From facts and a decision to a plan in which every value is settled. The builders of patches read no defaults after this. */

import type { Decision } from '../decide/decide.ts';
import type { SkipReason } from '../decide/reasons.ts';
import type { WrapDecision } from '../decide/wrap-rules.ts';
import type { Entrypoint } from '../entrypoint/resolve.ts';
import type { Options } from '../pod/annotations/table.ts';
import type { App, Facts } from '../pod/facts.ts';
import { proxyContainerName } from '../pod/names.ts';
import type { ContainerAt, Resources, VolumeMount } from '../pod/schema.ts';
import { trapFor } from '../pod/stop-signal.ts';
import type { NativePlan } from './native/plan.ts';
import { type PlannedSidecar, planSidecars } from './plan-sidecars.ts';
import { initResources } from './resources.ts';
import { findTokenMount } from './token-mount.ts';
import { type AtOnce, whyAtOnce } from './waits-for-proxy.ts';

/** The settings of the installation that a patch depends on. */
export type Settings = {
  /** Clockout's. */
  version: string;
  /** An image with a static busybox at /bin/busybox. Without `resources`, they follow the app's. */
  wrapper: { image: string; pullPolicy?: string; resources?: Resources };
};

/** Which exit is the end of a container: any, or only with code 0, after which the kubelet does not restart it. */
type EndRule = 'any' | 'zero';

export type WrappedContainer = {
  name: string;
  /** Position in spec.containers. */
  index: number;
  entrypoint: Entrypoint;
  /** See `Wrapped`. */
  before: string[];
  inText?: true;
  /** Seconds to wait for the proxy to be ready; 0 = start at once. */
  wait: number;
  /** Why it starts at once, if it does. */
  atOnce?: AtOnce;
  onWaitTimeout: 'start' | 'fail';
  /** The signal by which the kubelet asks it to exit, as a shell's `trap` names it. */
  stop: string;
  /** A stop signal that the wrapper cannot pass on: `stop` is TERM then. */
  badStop?: { signal: string; from: 'pod' | 'image' };
  end: EndRule;
  /** Whether the kubelet starts it again when it fails. */
  restarts: boolean;
  /** Seconds after which a container that has not started counts as ended; 0 = never. */
  startTimeout: number;
  probes: Options['probes'];
};

/** How a pod is wrapped: the builders in patch/ are for this. */
export type WrapPlan = {
  strategy: 'wrap';
  /** Native sidecars that get their restartPolicy back. */
  repairs: readonly ContainerAt[];
  /** See `WrapDecision`. */
  sidecar: WrapDecision['sidecar'];
  /** Pilot-agent's status port; 0 = it has none, or Clockout does not end Istio's sidecar. */
  port: number;
  /** Seconds that a container keeps asking a sidecar to exit. */
  quit: number | 'never';
  /** Seconds, with fractions, between the last end and the first quit request. */
  quitDelay: number;
  /** Seconds after the first end when a log line names the apps that still run; 0 = never. */
  reportAfter: number;
  /** Loopback URLs to POST to at the end, of sidecars that have no guard. */
  quitUrls: string[];
  /** Istio's and others, as far as they are in the pod and can be ended. */
  sidecars: PlannedSidecar[];
  /** Whether a guard sees other processes than its own container's. It sends SIGTERM only to a pilot-agent that it finds then. */
  sharedProcesses: boolean;
  containers: WrappedContainer[];
  initContainer: { image: string; pullPolicy?: string; runAsUser: number; resources: Resources };
  /** The service account token's mount, if Istio's containers are to get it. */
  tokenMount: VolumeMount | undefined;
  /** What the pod's annotations say, for options that the scripts take as they are. */
  annotations: Options;
  version: string;
};

/** A pod that is skipped, except for its repairs. */
type RepairPlan = { strategy: 'none'; reason: SkipReason; repairs: readonly ContainerAt[] };

/** `strategy` is how the pod is made to end. */
export type Plan = WrapPlan | NativePlan | RepairPlan;

type Wrap = WrapDecision & Pick<Decision, 'repairs'>;

/** @param entrypoints one for each app, in their order */
export function createWrapPlan(facts: Facts, decision: Wrap, entrypoints: Entrypoint[], settings: Settings): WrapPlan {
  const { apps, options, spec } = facts;
  const { image, pullPolicy, resources } = settings.wrapper;
  const sidecars = planSidecars(facts, decision);
  const unguarded = sidecars.filter(({ name, guard }) => name !== proxyContainerName && !guard.runs);
  return {
    strategy: 'wrap',
    repairs: decision.repairs,
    sidecar: decision.sidecar,
    port: decision.port,
    quit: options.quit === 'never' ? 'never' : toSeconds(options['quit-timeout']),
    quitDelay: options['quit-delay'] / 1000,
    reportAfter: apps.length > 1 ? toSeconds(options['report-after']) : 0,
    quitUrls: [...options['quit-urls'], ...unguarded.flatMap(({ quitUrl }) => quitUrl ?? [])],
    sidecars,
    sharedProcesses: facts.sharedProcesses !== undefined,
    containers: apps.map((app, i) => planContainer(facts, decision, app, entrypointAt(entrypoints, i))),
    initContainer: {
      image,
      ...(pullPolicy ? { pullPolicy } : {}),
      runAsUser: chooseUser(facts),
      resources: resources ?? initResources(spec, apps),
    },
    tokenMount: findTokenMount(spec),
    annotations: options,
    version: settings.version,
  };
}

// --- internal ---

function entrypointAt(entrypoints: Entrypoint[], index: number): Entrypoint {
  const entrypoint = entrypoints[index];
  if (!entrypoint) throw new Error(`expected an entrypoint for each container to wrap, found ${entrypoints.length}`);
  return entrypoint;
}

function planContainer(facts: Facts, { sidecar }: Wrap, app: App, entrypoint: Entrypoint): WrappedContainer {
  const { options } = facts;
  const atOnce = whyAtOnce(facts, app, sidecar);
  const restarts = app.restartPolicy !== 'Never';
  return {
    name: app.container.name,
    index: app.index,
    entrypoint,
    before: app.wrapped?.before ?? [],
    ...(app.wrapped?.inText && { inText: true }),
    wait: atOnce === undefined ? toSeconds(options['wait-timeout']) : 0,
    ...(atOnce && { atOnce }),
    onWaitTimeout: options['on-wait-timeout'],
    ...readStop(app, entrypoint),
    end: chooseEnd(options, restarts),
    restarts,
    // Under OnFailure the kubelet tries a failed start again. Under Never it does not, and the guard could not see the failure.
    startTimeout: restarts ? 0 : toSeconds(options['start-timeout']),
    probes: options.probes,
  };
}

/** The pod's stop signal, or else its image's. */
function readStop({ container }: App, entrypoint: Entrypoint): Pick<WrappedContainer, 'stop' | 'badStop'> {
  const own = container.lifecycle?.stopSignal;
  const signal = own ?? entrypoint.stopSignal;
  if (signal === undefined) return { stop: 'TERM' };
  const trap = trapFor(signal);
  if (trap === undefined) return { stop: 'TERM', badStop: { signal, from: own == null ? 'image' : 'pod' } };
  // SIGKILL ends the wrapper by itself.
  return { stop: trap === 'KILL' ? 'TERM' : trap };
}

/** A failure that the kubelet retries is not the end: the next try would run without its proxy. */
function chooseEnd({ quit }: Options, restarts: boolean): EndRule {
  if (quit === 'on-success') return 'zero';
  return quit === 'always' || !restarts ? 'any' : 'zero';
}

/**
 * A user other than root. On OpenShift it has to be one that the namespace's SCC allows: OpenShift has written that into the
 * pod before.
 * @see https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html
 */
function chooseUser({ spec, apps }: Facts): number {
  const users = [spec.securityContext, apps[0]?.container.securityContext].map((context) => context?.runAsUser);
  return users.find((user) => user != null && user !== 0) ?? 65532;
}

const toSeconds = (milliseconds: number) => Math.ceil(milliseconds / 1000);
