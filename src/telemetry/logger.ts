/** The log: one line of JSON for each pod, with the same fields for every outcome. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { reasons, unwrappable } from '../decide/reasons.ts';
import type { Plan } from '../inject/plan.ts';
import { boundLine } from './line.ts';
import { openStandardOutput } from './output.ts';

export type { Logger };

/** @param stream standard output by default */
export function createLogger(level: string, stream: DestinationStream = openStandardOutput()): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const hooks = { streamWrite: boundLine };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters, hooks }, stream);
}

/** Logs the outcome of a review, and nothing else of the pod: it can hold secrets. */
export function logOutcome(logger: Logger, request: AdmissionRequest, outcome: Outcome, refused: boolean): void {
  const { level, message } = describe(outcome, refused);
  if (!logger.isLevelEnabled(level)) return;
  logger[level](
    {
      ...reviewFields(request),
      outcome: refused ? 'refused' : outcome.kind,
      ...outcomeFields(outcome),
      ...(outcome.warnings.length > 0 ? { warnings: outcome.warnings } : {}),
    },
    message,
  );
}

/** Logs that Istio was asked for a native sidecar. */
export const logAsked = (logger: Logger, request: AdmissionRequest): void =>
  logger.info(reviewFields(request), 'asked Istio for a native sidecar');

// --- internal ---

function outcomeFields(outcome: Outcome) {
  const [reason, repaired] = [readReason(outcome), listRepaired(outcome)];
  return {
    ...(reason !== undefined && { reason }),
    ...(repaired.length > 0 && { repaired }),
    ...(outcome.kind !== 'skipped' && { ...planFields(outcome.plan), note: outcome.note }),
  };
}

function planFields(plan: Plan) {
  switch (plan.strategy) {
    case 'wrap':
      return { strategy: plan.strategy, sidecar: plan.sidecar, containers: plan.containers.map(({ name }) => name) };
    case 'native':
      return {
        strategy: plan.strategy,
        sidecars: plan.names,
        asksIstio: plan.asksIstio,
        containers: plan.apps,
        nodes: plan.nodes,
      };
    case 'none':
      return {};
  }
}

function describe(outcome: Outcome, refused: boolean): { level: 'debug' | 'info' | 'warn'; message: string } {
  const reason = readReason(outcome);
  const repaired = listRepaired(outcome).length > 0;
  if (refused && reason !== undefined) return { level: 'warn', message: `refused the pod: ${reasons[reason]}` };
  if (outcome.kind === 'skipped')
    return {
      level: unwrappable.has(outcome.reason) ? 'warn' : 'debug',
      message: `skipped the pod: ${reasons[outcome.reason]}`,
    };
  const { done, already } = verbs[outcome.plan.strategy];
  if (outcome.kind === 'complete') return { level: 'debug', message: `the pod is ${already} already` };
  return { level: repaired ? 'warn' : 'info', message: `${done} the pod` };
}

const verbs: Record<Plan['strategy'], { done: string; already: string }> = {
  wrap: { done: 'wrapped', already: 'wrapped' },
  native: { done: 'made the sidecars native of', already: 'made native' },
  none: { done: 'repaired the native sidecars of', already: 'repaired' },
};

/** At admission, a Job's pod has no name yet, but generateName. */
function reviewFields({ uid, namespace, name, operation, dryRun, object }: AdmissionRequest) {
  const { metadata } = object as { metadata?: { name?: string; generateName?: string } | null };
  const names = { name: name || metadata?.name, generateName: metadata?.generateName };
  return { uid, namespace, ...names, operation, dryRun: dryRun ?? false };
}
