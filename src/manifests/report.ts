/** One line a pod template: what was done to it, or why nothing was. Pure. */
import { type Admitted, listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import { reasons } from '../decide/reasons.ts';
import type { NativePlan } from '../inject/native/plan.ts';
import type { WrapPlan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import { proxyContainerName } from '../pod/names.ts';
import type { AdmittedSource, AdmittedTemplate } from './admit-manifests.ts';
import { titleOf } from './find-pods.ts';

/** Lines for people, on standard error. */
export function report(admitted: readonly AdmittedSource[]): string[] {
  const lines = admitted.flatMap(({ source, documents }) =>
    documents.flatMap(({ document, templates }) =>
      [
        ...templates.flatMap(templateLines),
        ...document.lookalikes.map((found) => `${found}: passed through, as it is not of Kubernetes' own group batch`),
      ].map((line) => `${source.name}: ${line}`),
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

/** What it costs that no guard runs beside a sidecar. */
const withoutGuard: Record<GuardGap, string> = {
  'proxy-not-in-view':
    'istio-proxy is not in the manifest yet, so no guard: if the app is killed with SIGKILL or for its memory, the proxy runs on. The webhook, which sees the injected pod, has no such gap',
  annotation:
    'no guard (clockout.dev/guard says so): if the app is killed with SIGKILL or for its memory, its sidecars run on',
  'foreign-hook': 'a sidecar without guard: if the app is killed with SIGKILL or for its memory, that one runs on',
  'unknown-sidecar':
    'no guard, as the pod has no sidecar that Clockout knows: if the app is killed with SIGKILL or for its memory, what clockout.dev/quit-urls names runs on',
  'quit-never': 'nobody tells a sidecar to quit (clockout.dev/quit says so)',
};

/** Where guards run, or what it costs that one doesn't. */
export function guardLine(because: GuardGap | undefined, sidecars: readonly string[]): string {
  return because ? withoutGuard[because] : `a guard runs beside ${sidecars.join(' and ')}`;
}

/** Warnings that add something to the reason given. */
export function warningsOf(outcome: Outcome): string[] {
  const reason = readReason(outcome);
  const said = reason && reasons[reason];
  return outcome.warnings.filter((warning) => warning !== said);
}

// --- internal ---

function templateLines({ template, outcome }: AdmittedTemplate): string[] {
  const title = titleOf(template);
  const warnings = warningsOf(outcome).map((warning) => `${title}: warning: ${warning}`);
  return [`${title}: ${outcomeLine(outcome)}`, ...warnings];
}

function outcomeLine(outcome: Outcome): string {
  const reason = readReason(outcome);
  const repaired = listRepaired(outcome);
  const before = repaired.length > 0 ? `repaired ${repaired.join(', ')}; ` : '';
  if (reason !== undefined) return `${before}left alone, ${reason}: ${reasons[reason]}`;
  return outcome.kind === 'skipped' ? '' : before + planLine(outcome);
}

function planLine({ kind, plan }: Admitted): string {
  if (plan.strategy === 'native')
    return kind === 'complete' ? 'made native before, nothing to change' : `made native: ${nativeLine(plan)}`;
  if (kind === 'complete' || plan.strategy === 'none') return 'wrapped before, nothing to change';
  return `wrapped ${containersOf(plan)}; ${guardLine(findGuardGap(plan), namesOf(plan.sidecars))}`;
}

/** Which sidecars Kubernetes ends. */
export function nativeLine({ names, asksIstio }: Pick<NativePlan, 'names' | 'asksIstio'>): string {
  const still = asksIstio && !names.includes(proxyContainerName);
  return [...names, ...(still ? [`${proxyContainerName} (asked of Istio, from 1.24 on)`] : [])].join(', ');
}

const namesOf = (items: readonly { name: string }[]) => items.map(({ name }) => name);

const containersOf = ({ containers }: WrapPlan) =>
  containers.map(({ name, entrypoint }) => `${name} (${entrypointSources[entrypoint.source]})`).join(', ');
