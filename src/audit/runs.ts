/** When a CronJob runs. Pure. */
import { readTime } from '../live-status/times.ts';
import { findNextRun } from '../util/cron-schedule.ts';
import { findValue } from '../util/find-value.ts';
import { readText } from './read-text.ts';

/** Milliseconds since 1970. */
export type Runs = {
  /** Undefined: never yet. */
  last?: number;
  /** Undefined: it is suspended, or this is not known. */
  next?: number;
};

/** @returns the next run of a schedule, in milliseconds since 1970. Many CronJobs have the same, so each is searched for once. */
export function createNextRun(now: number, find = findNextRun): NextRun {
  const known = new Map<string, number | undefined>();
  return (schedule) => {
    if (!known.has(schedule)) known.set(schedule, find(schedule, now));
    return known.get(schedule);
  };
}

export type NextRun = (schedule: string) => number | undefined;

export function readRuns(cronJob: unknown, nextRun: NextRun): Runs {
  const last = readTime(findValue(cronJob, 'status', 'lastScheduleTime'));
  const isSuspended = findValue(cronJob, 'spec', 'suspend') === true;
  const next = isSuspended ? undefined : nextRun(readText(cronJob, 'spec', 'schedule') ?? '');
  return { ...(last !== undefined && { last }), ...(next !== undefined && { next }) };
}
