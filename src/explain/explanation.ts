/** What `explain` says about a pod template, as data: the shape of `-o json`. Pure. */
import { readReason } from '../admission/outcome.ts';
import type { Live } from '../live-status/pod-state.ts';
import { describeReason, selectWarnings } from '../manifests/report.ts';
import { type DefaultSource, listDefaults } from '../pod/annotations/read-defaults.ts';
import type { Facts } from '../pod/facts.ts';
import { asksForSidecars } from '../pod/istio.ts';
import { injectLabel } from '../pod/names.ts';
import { readStatus } from '../pod/status.ts';
import { shortened } from '../util/text.ts';
import { explainNative, type NativeExplanation } from './explain-native.ts';
import { explainSkipped, type SkippedExplanation } from './explain-skipped.ts';
import { explainWrapped, type WrappedExplanation } from './explain-wrapped.ts';
import { findLive, judgeLive } from './find-live.ts';
import { describeInject } from './inject-line.ts';
import type { MeshView } from './live/mesh-view.ts';
import { findNotKnown } from './live/not-known.ts';
import { isWrappedPod, whyMissed } from './missed.ts';
import { whyObserved } from './observed.ts';
import type { Subject } from './subject.ts';
import type { Verdict } from './verdict.ts';

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
} & (SkippedExplanation | NativeExplanation | WrappedExplanation);

export function explain(place: Place, subject: Subject): Explanation {
  const { template, outcome, injected, mesh, unread = [] } = subject;
  const { kind, namespace, name, path } = template;
  const done = mesh && kind === 'Pod' ? findDone(subject.facts) : undefined;
  const live = findLive(subject);
  const judged = explainOutcome(subject);
  const condition = findCondition(subject, judged.verdict);
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
    ...(injected && { inject: describeInject(injected, outcome, subject.asked) }),
    warnings: selectWarnings(outcome),
  };
}

// --- internal ---

function findDone({ annotations }: Facts): Explanation['done'] {
  const status = readStatus(annotations);
  return status && { what: 'strategy' in status ? 'native' : 'wrapped', version: shortened(status.version, 40) };
}

/** A pod that is not asked for by itself depends on its namespace. */
function findCondition(
  { template, facts, origin, outcome, namespaceLabels, mesh }: Subject,
  verdict: Verdict,
): string | undefined {
  // The webhooks of the cluster cannot be read, or it is one that a label decides about which cannot.
  const isUnsure = mesh && !isWrappedPod(template) && (!mesh.clockout || mesh.clockout.caller?.isSure === false);
  if (isUnsure && outcome.kind === 'patched') return 'Clockout is installed and called for it';
  if ((outcome.kind !== 'patched' && verdict !== 'unknown') || origin.from === 'server' || facts.inject === 'true')
    return undefined;
  const where = template.namespace ? `the namespace ${template.namespace}` : 'its namespace';
  const isOpen = facts.proxy.state === 'undecided' && !asksForSidecars(namespaceLabels);
  if (namespaceLabels) return isOpen && !mesh ? `Istio injects its sidecar in ${where}` : undefined;
  return `${where} has the label ${injectLabel}: enabled${isOpen ? ', and Istio injects its sidecar there' : ''}`;
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
