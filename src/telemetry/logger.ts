/** One line of JSON for each pod that matters: the same fields in the same words, whatever became of it. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Outcome } from '../admission/outcome.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { planNote } from '../admission/warnings.ts';
import { reasons, unwrappable } from '../decide/reasons.ts';
import type { Pod } from '../pod/schema.ts';
import { boundedLine } from './line.ts';
import { standardOutput } from './output.ts';

export type { Logger };

/** @param stream standard output by default */
export function createLogger(level: string, stream: DestinationStream = standardOutput()): Logger {
  const formatters = { level: (label: string) => ({ level: label }) };
  const hooks = { streamWrite: boundedLine };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters, hooks }, stream);
}

/** Says what became of a review, never what is in the pod: it may hold secrets. */
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
            note: planNote(request.object as Pod, outcome.plan),
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
      return { level: 'debug', message: 'the pod was wrapped before' };
    case 'skipped':
      return {
        level: unwrappable.has(outcome.reason) ? 'warn' : 'debug',
        message: `${refused ? 'refused the pod' : 'left the pod alone'}: ${reasons[outcome.reason]}`,
      };
  }
}

/** A pod of a Job has no name yet at admission, only the start of one. */
function reviewFields({ uid, namespace, name, operation, dryRun, object }: AdmissionRequest) {
  const { metadata } = object as { metadata?: { name?: string; generateName?: string } | null };
  const names = { name: name || metadata?.name, generateName: metadata?.generateName };
  return { uid, namespace, ...names, operation, dryRun: dryRun ?? false };
}
