/** One line for each pod template: what was done to it, or why it was skipped. Pure. */
import { type Admitted, listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import { proxyContainerName } from '../pod/names.ts';
import { findValue } from '../util/find-value.ts';
import type { AdmittedSource, AdmittedTemplate } from './admit-manifests.ts';
import { formatTitle, type PodTemplate } from './find-pods.ts';
import type { IncompleteTemplate } from './incomplete.ts';
import { type Counts, countOne, countOutcome, summarize } from './summary.ts';

export type Report = { add: (admitted: AdmittedSource) => void; finish: () => string[] };

/** Lines for people, on standard error: a summary if there are several pod templates, then one line for each. */
export function createReport(): Report {
  const lines: string[] = [];
  const counts: Counts = new Map();
  const seen: Seen = new Set();
  const add = ({ source, documents }: AdmittedSource) => {
    lines.push(...source.warnings);
    for (const { document, templates, patches } of documents) {
      const own = [
        ...templates.flatMap((admitted) => describeTemplate(admitted, counts, seen)),
        ...patches.map((patch) => countIncomplete(patch, counts, seen)),
        ...document.others.map(({ line }) => line),
      ];
      lines.push(...own.map((line) => `${source.name}: ${line}`));
    }
  };
  const finish = () => {
    if (counts.size === 0 && lines.length === 0) return ['nothing to wrap: the input has no Pod, Job or CronJob'];
    return [...summarize(counts), ...lines];
  };
  return { add, finish };
}

/** Where a container's command was learnt, for a sentence. */
export const entrypointSources: Record<WrappedContainer['entrypoint']['source'], string> = {
  pod: 'command from the manifest',
  annotation: 'command from clockout.dev/entrypoint',
  image: 'command from the image',
};

/** What the missing guard of a sidecar costs. */
const withoutGuard: Record<GuardGap, string> = {
  'proxy-not-in-view':
    'istio-proxy is not in the manifest yet, so it has no guard: if the app is killed with SIGKILL or for its memory, the proxy keeps running. The webhook sees the injected pod, and adds the guard',
  annotation:
    'no guard (clockout.dev/guard: "false"): if the app is killed with SIGKILL or for its memory, its sidecars keep running',
  'foreign-hook':
    'a sidecar has no guard: if the app is killed with SIGKILL or for its memory, that sidecar keeps running',
  'unknown-sidecar':
    'no guard, because the pod has no sidecar that Clockout knows: if the app is killed with SIGKILL or for its memory, what clockout.dev/quit-urls names keeps running',
  'not-called':
    'no guard, because the webhook was not called for the pod: if the app is killed with SIGKILL or for its memory, its sidecars keep running',
  'quit-never': 'Clockout asks no sidecar to exit (clockout.dev/quit: never)',
};

/** Says why a pod is not looked at further, and what to do. */
export function describeIncomplete({ template, because }: IncompleteTemplate, seen: Seen = new Set()): string {
  const advice =
    'if it is a patch of kustomize, render it first with `kubectl kustomize DIR`, and give the result on standard input (`-f -`); if not, add what is missing';
  return `${formatTitle(template)}: ${sayOnce(seen, `skipped, because ${because}`, '; ', advice)}`;
}

/** Says why a pod is skipped. A template without a restartPolicy is not what it seems: Kubernetes takes it for no Job. */
export const describeReason = ({ kind, pod }: PodTemplate, reason: SkipReason): string =>
  reason === 'restart-policy-always' && kind !== 'Pod' && findValue(pod, 'spec', 'restartPolicy') === undefined
    ? `the pod template has no restartPolicy, and Kubernetes takes no ${kind} without it; set Never or OnFailure`
    : reasons[reason];

/** Says where guards run, or what a missing one costs. */
export const describeGuards = (gap: GuardGap | undefined, sidecars: readonly string[]): string =>
  gap ? withoutGuard[gap] : `a guard runs in ${sidecars.join(' and ')}`;

/** Warnings that add something to the reason given. */
export function selectWarnings(outcome: Outcome): string[] {
  const reason = readReason(outcome);
  const said = reason && reasons[reason];
  return outcome.warnings.filter((warning) => warning !== said);
}

/** Which sidecars Kubernetes ends. */
export function describeNative({ names, asksIstio }: Pick<NativePlan, 'names' | 'asksIstio'>): string {
  const still = asksIstio && !names.includes(proxyContainerName);
  return [...names, ...(still ? [`${proxyContainerName} (asked of Istio, from 1.24 on)`] : [])].join(', ');
}

// --- internal ---

/** Sentences that were said already: they are not said again. */
type Seen = Set<string>;

/** @returns the text with the sentence, the first time that it is said */
function sayOnce(seen: Seen, text: string, separator: string, sentence: string): string {
  if (seen.has(sentence)) return text;
  seen.add(sentence);
  return text + separator + sentence;
}

/** So many of them are listed; the summary counts the others. */
const mostNotJobs = 10;

function describeTemplate({ template, outcome }: AdmittedTemplate, counts: Counts, seen: Seen): string[] {
  const count = countOutcome(counts, outcome);
  if (outcome.kind === 'skipped' && outcome.reason === 'not-a-job' && count > mostNotJobs) return [];
  const title = formatTitle(template);
  const warnings = selectWarnings(outcome).map((warning) => `${title}: warning: ${warning}`);
  return [`${title}: ${describeOutcome(template, outcome, seen)}`, ...warnings];
}

function countIncomplete(patch: IncompleteTemplate, counts: Counts, seen: Seen): string {
  countOne(counts, 'incomplete');
  return describeIncomplete(patch, seen);
}

function describeOutcome(template: PodTemplate, outcome: Outcome, seen: Seen): string {
  const reason = readReason(outcome);
  const repaired = listRepaired(outcome);
  const before = repaired.length > 0 ? `repaired ${repaired.join(', ')}; ` : '';
  if (reason !== undefined) return sayOnce(seen, `${before}skipped, ${reason}`, ': ', describeReason(template, reason));
  return outcome.kind === 'skipped' ? '' : before + describePlan(outcome, seen);
}

function describePlan({ kind, plan }: Admitted, seen: Seen): string {
  if (plan.strategy === 'native')
    return kind === 'complete' ? 'made native already, nothing to change' : `made native: ${describeNative(plan)}`;
  if (kind === 'complete' || plan.strategy === 'none') return 'wrapped already, nothing to change';
  const guards = describeGuards(findGuardGap(plan), listNames(plan.sidecars));
  return sayOnce(seen, `wrapped ${listContainers(plan)}`, '; ', guards);
}

const listNames = (items: readonly { name: string }[]) => items.map(({ name }) => name);

const listContainers = ({ containers }: WrapPlan) =>
  containers.map(({ name, entrypoint }) => `${name} (${entrypointSources[entrypoint.source]})`).join(', ');
