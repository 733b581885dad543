/** The log: one line of JSON for each pod, with the same fields for every outcome. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Outcome } from '../admission/outcome.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { reasons, unwrappable } from '../decide/reasons.ts';
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
      ...(outcome.kind === 'skipped'
        ? { reason: outcome.reason }
        : {
            sidecar: outcome.plan.sidecar,
            containers: outcome.plan.containers.map(({ name }) => name),
            note: outcome.note,
          }),
      ...(outcome.warnings.length > 0 ? { warnings: outcome.warnings } : {}),
    },
    message,
  );
}

function describe(outcome: Outcome, refused: boolean): { level: 'debug' | 'info' | 'warn'; message: string } {
  switch (outcome.kind) {
    case 'patched':
      return { level: 'info', message: 'wrapped the pod' };
    case 'complete':
      return { level: 'debug', message: 'the pod is wrapped already' };
    case 'skipped':
      return {
        level: unwrappable.has(outcome.reason) ? 'warn' : 'debug',
        message: `${refused ? 'refused the pod' : 'skipped the pod'}: ${reasons[outcome.reason]}`,
      };
  }
}

/** At admission, a Job's pod has no name yet, but generateName. */
function reviewFields({ uid, namespace, name, operation, dryRun, object }: AdmissionRequest) {
  const { metadata } = object as { metadata?: { name?: string; generateName?: string } | null };
  const names = { name: name || metadata?.name, generateName: metadata?.generateName };
  return { uid, namespace, ...names, operation, dryRun: dryRun ?? false };
}
