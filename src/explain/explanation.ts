/** What `explain` says about a pod template, as data: the shape of `-o json`. Pure. */
import { type Admitted, listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import type { Origin } from '../decide/origin.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap, type PlannedSidecar } from '../inject/plan-sidecars.ts';
import type { PodTemplate } from '../manifests/find-pods.ts';
import { describeReason, selectWarnings } from '../manifests/report.ts';
import { type DefaultLevels, type DefaultSource, listDefaults } from '../pod/annotations/defaults.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel } from '../pod/names.ts';
import { isGuardHook } from '../pod/own-parts.ts';
import { isEndless } from '../pod/sidecars/read.ts';
import { readStatus } from '../pod/status.ts';
import { asClockout, type Called } from '../util/called.ts';
import { shortened } from '../util/text.ts';
import { expectsProxy } from './as-webhook.ts';
import { type Context, type Ending, listEndings } from './endings.ts';
import { describeInject } from './inject-line.ts';
import type { Unread } from './live/cluster-view.ts';
import type { MeshView } from './live/mesh-view.ts';
import { findNotKnown } from './live/not-known.ts';
import { describeLiveJob } from './live-job.ts';
import { describeLivePod, type Live } from './live-pod.ts';
import { isInCluster, isWrappedPod, whyMissed } from './missed.ts';
import { type NativeEnding, nativeEndings } from './native-endings.ts';
import { whyObserved } from './observed.ts';
import { adviseOn, describeHang, describeUnknown, type Unwrapped } from './skipped.ts';
import { findKeepers, judgeEndings, judgeSkipped, type Verdict } from './verdict.ts';

/** Where a pod template stands: in a file, or in the cluster of a context of the kubeconfig. */
export type Place =
  | {
      file: string;
      /** Position among the documents of its file, from 1. */
      document: number;
      /** Of the pod template, from 1. */
      line: number;
    }
  | {
      context: string;
      /** What a pod or a Job belongs to, if that is explained, too: `Job report`. */
      owner?: string;
    };

export type Explanation = Place & {
  kind: string;
  namespace?: string;
  name: string;
  /** JSON pointer from the root of the document to the pod. */
  path: string;
  verdict: Verdict;
  /** What its status says, for an object from a cluster. */
  live?: Live;
  /** What the webhooks of its cluster make of its pods, for an object that was read from there. */
  mesh?: MeshView;
  /** What could not be read of its cluster, and decides whether its new pods hang. */
  notKnown?: string[];
  /** What Clockout has done to a pod, by the annotation in which it says so. */
  done?: { what: 'wrapped' | 'native'; version: string };
  /** What has to be so besides the pod, for the webhook to do this. */
  if?: string;
  /** Options that the pod does not set, and that hold by default, with who sets them. */
  defaults?: DefaultSource[];
  /** What `clockout inject` does with it, if it can do anything. */
  inject?: string;
  warnings: string[];
} & (
    | {
        wrapped: false;
        reason: Unwrapped;
        sentence: string;
        /** The sidecars that keep the pod running, and what to do about it. */
        hangs?: { sidecars: string[]; sentence: string; advice: string };
        /** The native sidecars that got their restartPolicy back. */
        repaired?: string[];
      }
    | ({
        wrapped: false;
        strategy: 'native';
        /** Whether the input has native sidecars already. */
        complete: boolean;
        /** The names of the sidecars that are native then. */
        sidecars: readonly string[];
        /** The names of the containers that Kubernetes waits for. */
        containers: readonly string[];
        endings: NativeEnding[];
        note?: string;
      } & Pick<NativePlan, 'asksIstio'>)
    | (Pick<WrapPlan, 'sidecar' | 'port' | 'quit'> & {
        wrapped: true;
        /** Whether the input is wrapped already. */
        complete: boolean;
        guard: 'runs' | GuardGap;
        /** The names of the sidecars that Clockout ends, and of those of them in which a guard runs. */
        sidecars: string[];
        guards: string[];
        containers: ExplainedContainer[];
        /** See `Outcome`. */
        note?: string;
      })
  );

/** `wait` is in seconds; 0 = it does not wait. */
export type ExplainedContainer = Pick<
  WrappedContainer,
  'name' | 'entrypoint' | 'wait' | 'atOnce' | 'onWaitTimeout' | 'end'
> & { endings: Ending[] };

/** What is known of a pod template. */
export type Subject = {
  template: PodTemplate;
  facts: Facts;
  /** As the webhook sees it. */
  origin: Origin;
  outcome: Outcome;
  /** What `clockout inject` makes of it; left out for what it does not change. */
  injected?: Outcome;
  defaults: DefaultLevels;
  /** Of its namespace, if they are known. */
  namespaceLabels?: Readonly<Record<string, string>> | undefined;
  /** Whether registries were asked. */
  asked: boolean;
  /** Milliseconds since 1970. */
  now: number;
  /** Only where the cluster of an object is at hand. */
  mesh?: MeshView;
  unread?: readonly Unread[];
  called?: Called;
};

export function explain(place: Place, subject: Subject): Explanation {
  const { template, outcome, injected, mesh, unread = [] } = subject;
  const { kind, namespace, name, path } = template;
  const done = mesh && kind === 'Pod' ? findDone(subject.facts) : undefined;
  const live = findLive(subject);
  const condition = findCondition(subject);
  const judged = explainOutcome(subject);
  const notKnown = mesh ? findNotKnown(mesh, unread, namespace ?? 'default', judged.verdict === 'ends') : [];
  const defaults = 'reason' in judged ? [] : listDefaults(subject.facts.annotations, subject.defaults);
  return {
    ...place,
    kind,
    ...(namespace && { namespace }),
    name,
    path,
    ...judged,
    verdict: judgeLive(live, notKnown.length > 0 ? 'unknown' : judged.verdict),
    ...(live && { live }),
    ...(mesh && { mesh }),
    ...(notKnown.length > 0 && { notKnown }),
    ...(done && { done }),
    ...(condition && { if: condition }),
    ...(defaults.length > 0 && { defaults }),
    ...(injected && { inject: describeInject(injected, outcome) }),
    warnings: selectWarnings(outcome),
  };
}

// --- internal ---

function findDone({ annotations }: Facts): Explanation['done'] {
  const status = readStatus(annotations);
  return status && { what: 'strategy' in status ? 'native' : 'wrapped', version: shortened(status.version, 40) };
}

function findLive({ template, facts, outcome, now, mesh, called = asClockout }: Subject): Live | undefined {
  const { kind, apiVersion, object } = template;
  if (kind !== 'Pod') {
    const live = apiVersion.startsWith('batch/') ? describeLiveJob(kind, object, now, called) : undefined;
    // In a cluster, its pods are explained after it.
    return live && mesh ? { state: live.state, sentence: live.sentence } : live;
  }
  const apps = facts.apps.map(({ container, restartPolicy }) => ({ name: container.name, restartPolicy }));
  return describeLivePod(object, { apps, grace: isWrappedPod(template) ? findGrace(outcome) : 0, called }, now);
}

/** Seconds for which a wrapped pod can run after its apps. */
function findGrace(outcome: Outcome): number {
  if (outcome.kind === 'skipped' || outcome.plan.strategy !== 'wrap') return 0;
  const { quit, quitDelay } = outcome.plan;
  return quit === 'never' ? 0 : quit + quitDelay + drainTime;
}

/** Longer than a proxy drains by default. */
const drainTime = 60;

function judgeLive(live: Live | undefined, otherwise: Verdict): Verdict {
  if (live?.state === 'hangs') return 'hangs';
  return live?.state === 'finished' || live?.state === 'ending' ? 'ends' : otherwise;
}

/** A pod that is not asked for by itself depends on its namespace. */
function findCondition({ template, facts, origin, outcome, namespaceLabels }: Subject): string | undefined {
  if (outcome.kind !== 'patched' || origin.from === 'server' || facts.inject === 'true' || namespaceLabels)
    return undefined;
  const { namespace } = template;
  const istio = facts.proxy.state === 'undecided' ? ', and Istio injects its sidecar there' : '';
  return `${namespace ? `the namespace ${namespace}` : 'its namespace'} has the label ${injectLabel}: enabled${istio}`;
}

function explainOutcome(subject: Subject) {
  const { template, facts, outcome, namespaceLabels, mesh } = subject;
  const observed = isWrappedPod(template) ? undefined : whyObserved(facts, outcome, namespaceLabels, mesh);
  if (observed) return explainSkipped(subject, 'observed', observed);
  const missed = whyMissed(template, outcome, namespaceLabels, mesh);
  if (missed) return explainSkipped(subject, 'missed', missed);
  const reason = readReason(outcome);
  if (reason !== undefined) return explainSkipped(subject, reason, describeReason(template, reason));
  if (outcome.kind === 'skipped') throw new Error('expected a reason for a pod that is skipped');
  const { kind, plan, note } = outcome;
  const noted = note !== undefined && { note };
  switch (plan.strategy) {
    case 'wrap':
      return { ...explainWrapped(kind, plan, subject), ...noted };
    case 'native':
      return { ...explainNative(kind, plan), ...noted };
    case 'none':
      throw new Error('expected a reason for a pod that is skipped');
  }
}

function explainSkipped(subject: Subject, reason: Unwrapped, sentence: string) {
  const { facts, origin, outcome, asked, template, mesh } = subject;
  const repaired = listRepaired(outcome);
  const keepers = findKeepers(reason, facts, origin);
  const verdict = judgeSkipped(reason, keepers, asked);
  return {
    wrapped: false as const,
    reason,
    sentence: verdict === 'unknown' ? describeUnknown(facts, isInCluster(template)) : sentence,
    verdict,
    ...(keepers.length > 0 && {
      hangs: {
        sidecars: keepers,
        sentence: describeHang(keepers, facts, origin, mesh),
        advice: adviseOn(reason, template, mesh),
      },
    }),
    ...(repaired.length > 0 && { repaired }),
  };
}

function explainNative(kind: Admitted['kind'], plan: NativePlan) {
  const { strategy, names: sidecars, apps: containers, asksIstio } = plan;
  const verdict: Verdict = 'ends';
  const settled = { wrapped: false as const, strategy, complete: kind === 'complete', verdict };
  return { ...settled, sidecars, asksIstio, containers, endings: nativeEndings };
}

function explainWrapped(kind: Admitted['kind'], planned: WrapPlan, { template, facts, injected, mesh }: Subject) {
  const plan = isInCluster(template) ? { ...planned, sidecars: planned.sidecars.map(asItIs(facts)) } : planned;
  const { port, quit, sidecars } = plan;
  const isPredicted = mesh !== undefined && template.kind !== 'Pod' && plan.sidecar === 'injected';
  const isOpen = plan.sidecar === 'expected' || (injected !== undefined && expectsProxy(injected));
  const isExpected = isOpen || (isPredicted && mesh.expected?.sidecar !== 'classic');
  const endless = facts.sidecars.filter(isEndless).map(({ container }) => container.name);
  const containers = plan.containers.map((each) => explainContainer(plan, each, { isExpected, endless }));
  return {
    wrapped: true as const,
    verdict: judgeEndings(containers.flatMap(({ endings }) => endings)),
    complete: kind === 'complete' || injected?.kind === 'complete' || isWrappedPod(template),
    sidecar: isExpected || isPredicted ? ('expected' as const) : plan.sidecar,
    port,
    quit,
    guard: findGuardGap(plan) ?? ('runs' as const),
    sidecars: sidecars.map(({ name }) => name),
    guards: sidecars.filter(({ guard }) => guard.runs).map(({ name }) => name),
    containers,
  };
}

/** The guard of a sidecar in a cluster is there, or will never be. */
const asItIs =
  ({ spec }: Facts) =>
  (sidecar: PlannedSidecar): PlannedSidecar => {
    const hook = spec.containers[sidecar.index]?.lifecycle?.postStart?.exec?.command;
    return sidecar.guard.runs && !isGuardHook(hook)
      ? { ...sidecar, guard: { runs: false, reason: 'not-called' } }
      : sidecar;
  };

function explainContainer(plan: WrapPlan, wrapped: WrappedContainer, context: Context): ExplainedContainer {
  const { name, entrypoint, wait, atOnce, onWaitTimeout, end } = wrapped;
  const endings = listEndings(plan, wrapped, context);
  return { name, entrypoint, wait, ...(atOnce && { atOnce }), onWaitTimeout, end, endings };
}
