/** One line a pod template: what was done to it, or why nothing was. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import { reasons } from '../decide/reasons.ts';
import type { Plan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
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
  const said = outcome.kind === 'skipped' ? reasons[outcome.reason] : undefined;
  return outcome.warnings.filter((warning) => warning !== said);
}

// --- internal ---

function templateLines({ template, outcome }: AdmittedTemplate): string[] {
  const title = titleOf(template);
  const warnings = warningsOf(outcome).map((warning) => `${title}: warning: ${warning}`);
  return [`${title}: ${outcomeLine(outcome)}`, ...warnings];
}

function outcomeLine(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'skipped':
      return `left alone, ${outcome.reason}: ${reasons[outcome.reason]}`;
    case 'complete':
      return 'wrapped already, nothing to change';
    case 'patched':
      return `wrapped ${containersOf(outcome.plan)}; ${guardLine(findGuardGap(outcome.plan), namesOf(outcome.plan.sidecars))}`;
  }
}

const namesOf = (items: readonly { name: string }[]) => items.map(({ name }) => name);

const containersOf = ({ containers }: Plan) =>
  containers.map(({ name, entrypoint }) => `${name} (${entrypointSources[entrypoint.source]})`).join(', ');
