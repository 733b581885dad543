/** Tells of each answer: a line in the log, counts, and maybe an Event. */
import type { EventQueue } from './event-queue.ts';
import { type Answered, type Logger, logOutcome } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { toOffer } from './pod-event.ts';
import { createSeenPods } from './seen-pods.ts';

export type AccountDeps = {
  logger: Logger;
  metrics: Metrics;
  /** Left out if Clockout writes no Events. */
  events?: Pick<EventQueue, 'offer'> | undefined;
};

/** @returns a function that counts a request, and tells of its pod unless an earlier request did */
export function createAccount({ logger, metrics, events }: AccountDeps): (answered: Answered) => void {
  const isSeen = createSeenPods(() => performance.now());
  return (answered) => {
    const { request, outcome, treatment } = answered;
    const isRepeated = isSeen(answered);
    metrics.countReview(outcome, treatment);
    logOutcome(logger, answered, isRepeated);
    if (request.dryRun) return;
    metrics.countRepairs(outcome, treatment);
    if (isRepeated) return;
    metrics.countPod(outcome, treatment, request.namespace);
    const offer = events && toOffer(answered);
    if (offer) events.offer(offer);
  };
}
