/** The log: one line of JSON for each pod, with the same fields for every outcome. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import type { AdmissionRequest, AnsweredReview } from '../admission/review.ts';
import type { Treatment } from '../admission/treatment.ts';
import { reasons, unwrappable } from '../decide/reasons.ts';
import type { Plan } from '../inject/plan.ts';
import { findController } from '../pod/owner.ts';
import type { Pod } from '../pod/schema.ts';
import { boundLine } from './line.ts';
import { openStandardOutput } from './output.ts';

export type { Logger };

/** @param stream standard output by default */
export function createLogger(level: string, stream: DestinationStream = openStandardOutput()): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const hooks = { streamWrite: boundLine };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters, hooks }, stream);
}

/** What is logged and counted of a review. */
export type Answered = Pick<AnsweredReview, 'request' | 'pod' | 'outcome' | 'treatment'>;

/**
 * Logs the outcome of a review, and nothing else of the pod: it can hold secrets.
 * @param isRepeated whether an earlier line has told the same of this pod
 */
export function logOutcome(logger: Logger, { request, pod, outcome, treatment }: Answered, isRepeated = false): void {
  const { level, message } = isRepeated ? describeAgain(outcome, treatment) : describe(outcome, treatment);
  if (!logger.isLevelEnabled(level)) return;
  logger[level](
    {
      ...reviewFields(request, pod),
      ...(treatment === 'admitted' ? { outcome: outcome.kind } : { outcome: treatment }),
      ...(treatment === 'observed' && { wouldBe: outcome.kind }),
      ...outcomeFields(outcome),
      ...(outcome.warnings.length > 0 ? { warnings: outcome.warnings } : {}),
    },
    message,
  );
}

/** Logs that Istio was asked for a native sidecar. */
export const logAsked = (logger: Logger, request: AdmissionRequest): void =>
  logger.info(reviewFields(request, request.object as Pod), 'asked Istio for a native sidecar');

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

type Line = { level: 'debug' | 'info' | 'warn'; message: string };

/** An earlier line has told of the pod, but not that a webhook after Clockout has dropped something. */
const describeAgain = (outcome: Outcome, treatment: Treatment): Line =>
  treatment === 'admitted' && listRepaired(outcome).length > 0
    ? { level: 'warn', message: `${verbs.none.done} the same pod` }
    : { level: 'debug', message: 'was asked about the same pod again' };

/** An observed pod needs no action. */
function describe(outcome: Outcome, treatment: Treatment): Line {
  if (treatment !== 'observed') return describeDone(outcome, treatment);
  const { level, message } = describeDone(outcome, 'admitted');
  return { level: level === 'warn' ? 'info' : level, message: `observed only: would have ${message}` };
}

function describeDone(outcome: Outcome, treatment: Treatment): Line {
  const reason = readReason(outcome);
  const repaired = listRepaired(outcome).length > 0;
  if (treatment === 'refused' && reason !== undefined)
    return { level: 'warn', message: `refused the pod: ${reasons[reason]}` };
  if (outcome.kind === 'skipped')
    return {
      level: unwrappable.has(outcome.reason) ? 'warn' : 'debug',
      message: `skipped the pod: ${reasons[outcome.reason]}`,
    };
  const { done, already } = verbs[outcome.plan.strategy];
  if (outcome.kind === 'complete') return { level: 'debug', message: `found the pod ${already} already` };
  return { level: repaired ? 'warn' : 'info', message: `${done} the pod` };
}

const verbs: Record<Plan['strategy'], { done: string; already: string }> = {
  wrap: { done: 'wrapped', already: 'wrapped' },
  native: { done: 'made the sidecars native of', already: 'made native' },
  none: { done: 'repaired the native sidecars of', already: 'repaired' },
};

/** At admission, a Job's pod has no name yet, but generateName: its owner's name tells which pod it is. */
function reviewFields({ uid, namespace, name, operation, dryRun }: AdmissionRequest, { metadata }: Pod) {
  const owner = findController(metadata);
  return {
    uid,
    namespace,
    ...(owner?.name && { owner: `${owner.kind}/${owner.name}` }),
    name: name || metadata?.name,
    generateName: metadata?.generateName,
    operation,
    dryRun: dryRun ?? false,
  };
}
