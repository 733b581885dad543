/** When a CronJob runs. Pure. */
import { readTime } from '../live-status/times.ts';
import { findNextRun } from '../util/cron-schedule.ts';
import { findValue } from '../util/find-value.ts';
import { readText } from './read-text.ts';

/** Milliseconds since 1970. */
export type Runs = {
  /** Undefined: never yet. */
  last?: number;
  /** Undefined: it is suspended, or nobody can say. */
  next?: number;
};

export function readRuns(cronJob: unknown, now: number): Runs {
  const last = readTime(findValue(cronJob, 'status', 'lastScheduleTime'));
  const isSuspended = findValue(cronJob, 'spec', 'suspend') === true;
  const next = isSuspended ? undefined : findNextRun(readText(cronJob, 'spec', 'schedule') ?? '', now);
  return { ...(last !== undefined && { last }), ...(next !== undefined && { next }) };
}
