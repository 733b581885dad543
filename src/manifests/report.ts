/** One line for each pod template: what was done to it, or why it was skipped. Pure. */
import { type Admitted, listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import { reasons } from '../decide/reasons.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import { proxyContainerName } from '../pod/names.ts';
import type { AdmittedSource, AdmittedTemplate } from './admit-manifests.ts';
import { formatTitle } from './find-pods.ts';

/** Lines for people, on standard error. */
export function createReport(admitted: readonly AdmittedSource[]): string[] {
  const lines = admitted.flatMap(({ source, documents }) =>
    documents.flatMap(({ document, templates }) =>
      [...templates.flatMap(describeTemplate), ...document.others].map((line) => `${source.name}: ${line}`),
    ),
  );
  return lines.length > 0 ? lines : ['nothing to wrap: the input has no Pod, Job or CronJob'];
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
  'quit-never': 'Clockout asks no sidecar to exit (clockout.dev/quit: never)',
};

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

function describeTemplate({ template, outcome }: AdmittedTemplate): string[] {
  const title = formatTitle(template);
  const warnings = selectWarnings(outcome).map((warning) => `${title}: warning: ${warning}`);
  return [`${title}: ${describeOutcome(outcome)}`, ...warnings];
}

function describeOutcome(outcome: Outcome): string {
  const reason = readReason(outcome);
  const repaired = listRepaired(outcome);
  const before = repaired.length > 0 ? `repaired ${repaired.join(', ')}; ` : '';
  if (reason !== undefined) return `${before}skipped, ${reason}: ${reasons[reason]}`;
  return outcome.kind === 'skipped' ? '' : before + describePlan(outcome);
}

function describePlan({ kind, plan }: Admitted): string {
  if (plan.strategy === 'native')
    return kind === 'complete' ? 'made native already, nothing to change' : `made native: ${describeNative(plan)}`;
  if (kind === 'complete' || plan.strategy === 'none') return 'wrapped already, nothing to change';
  return `wrapped ${listContainers(plan)}; ${describeGuards(findGuardGap(plan), listNames(plan.sidecars))}`;
}

const listNames = (items: readonly { name: string }[]) => items.map(({ name }) => name);

const listContainers = ({ containers }: WrapPlan) =>
  containers.map(({ name, entrypoint }) => `${name} (${entrypointSources[entrypoint.source]})`).join(', ');
