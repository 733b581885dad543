/** One line for each pod template: what was done to it, or why it was skipped. Pure. */
import type { Outcome } from '../admission/outcome.ts';
import { reasons } from '../decide/reasons.ts';
import type { Plan, WrappedContainer } from '../inject/plan.ts';
import { findGuardGap, type GuardGap } from '../inject/plan-sidecars.ts';
import type { AdmittedSource, AdmittedTemplate } from './admit-manifests.ts';
import { formatTitle } from './find-pods.ts';

/** Lines for people, on standard error. */
export function createReport(admitted: readonly AdmittedSource[]): string[] {
  const lines = admitted.flatMap(({ source, documents }) =>
    documents.flatMap(({ document, templates }) =>
      [
        ...templates.flatMap(describeTemplate),
        ...document.lookalikes.map(
          (found) => `${found}: skipped, because it is not of Kubernetes' own API group batch`,
        ),
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
  const said = outcome.kind === 'skipped' ? reasons[outcome.reason] : undefined;
  return outcome.warnings.filter((warning) => warning !== said);
}

// --- internal ---

function describeTemplate({ template, outcome }: AdmittedTemplate): string[] {
  const title = formatTitle(template);
  const warnings = selectWarnings(outcome).map((warning) => `${title}: warning: ${warning}`);
  return [`${title}: ${describeOutcome(outcome)}`, ...warnings];
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'skipped':
      return `skipped, ${outcome.reason}: ${reasons[outcome.reason]}`;
    case 'complete':
      return 'wrapped already, nothing to change';
    case 'patched':
      return `wrapped ${listContainers(outcome.plan)}; ${describePlannedGuards(outcome.plan)}`;
  }
}

const describePlannedGuards = (plan: Plan) =>
  describeGuards(
    findGuardGap(plan),
    plan.sidecars.map(({ name }) => name),
  );

const listContainers = ({ containers }: Plan) =>
  containers.map(({ name, entrypoint }) => `${name} (${entrypointSources[entrypoint.source]})`).join(', ');
