/** Tells the operator of each answer: a line in the log, and counts. */
import { type Answered, type Logger, logOutcome } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { createSeenPods } from './seen-pods.ts';

export type AccountDeps = { logger: Logger; metrics: Metrics };

/** @returns a function that counts a request, and logs and counts its pod unless an earlier request did */
export function createAccount({ logger, metrics }: AccountDeps): (answered: Answered) => void {
  const isRepeated = createSeenPods(() => performance.now());
  return (answered) => {
    const { request, outcome, treatment } = answered;
    const repeated = isRepeated(answered);
    metrics.countReview(outcome, treatment);
    logOutcome(logger, answered, repeated);
    if (!repeated && !request.dryRun) metrics.countPod(outcome, treatment, request.namespace);
  };
}
