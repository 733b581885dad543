/** What the status of a Job or CronJob says about it now. Pure. */

import { asClockout, type Called } from '../util/called.ts';
import { plural } from '../util/count.ts';
import { findValue } from '../util/find-value.ts';
import { shortened } from '../util/text.ts';
import { nameArguments } from './object-names.ts';
import type { Live } from './pod-state.ts';
import { formatAgo } from './times.ts';

/** @returns undefined for an object without a status, as in a manifest */
export function describeLiveJob(
  kind: string,
  object: unknown,
  now: number,
  called: Called = asClockout,
): Live | undefined {
  const status = findValue(object, 'status');
  if (kind === 'CronJob') return describeCronJob(object, status, now);
  return kind === 'Job' ? describeJob(object, status, now, called) : undefined;
}

// --- internal ---

function describeJob(object: unknown, status: unknown, now: number, called: Called): Live | undefined {
  const conditions = findValue(status, 'conditions');
  const met = (Array.isArray(conditions) ? conditions : []).filter((each) => findValue(each, 'status') === 'True');
  const end = met.find((each) => ends.includes(findValue(each, 'type')));
  if (end) {
    const ago = formatAgo(findValue(end, 'lastTransitionTime'), now);
    const reason = findValue(end, 'type') === 'Failed' ? findValue(end, 'reason') : undefined;
    const why = typeof reason === 'string' ? `: ${shortened(reason, 100)}` : '';
    return { state: 'finished', sentence: `${findValue(end, 'type')}${ago ? `, ${ago}` : ''}${why}` };
  }
  if (met.some((each) => findValue(each, 'type') === 'Suspended'))
    return { state: 'pending', sentence: 'it is suspended' };
  const active = findValue(status, 'active');
  if (typeof active !== 'number' || active < 1) return undefined;
  const since = formatAgo(findValue(status, 'startTime'), now);
  return {
    state: 'runs',
    sentence: `it has ${plural(active, 'active pod')}${since ? `, and was started ${since}` : ''}`,
    advice: advisePods(object, called),
  };
}

const ends: readonly unknown[] = ['Complete', 'Failed'];

function advisePods(object: unknown, called: Called): string {
  const named = nameArguments(object);
  return `whether one of them hangs, its pods say: ${called('explain')} job/${named ?? 'NAME'}`;
}

function describeCronJob(object: unknown, status: unknown, now: number): Live | undefined {
  const active = findValue(status, 'active');
  const count = Array.isArray(active) ? active.length : 0;
  if (count === 0) {
    const ago = formatAgo(findValue(status, 'lastScheduleTime'), now);
    return ago ? { state: 'pending', sentence: `its last Job was created ${ago}` } : undefined;
  }
  const waits =
    findValue(object, 'spec', 'concurrencyPolicy') === 'Forbid'
      ? '; with concurrencyPolicy Forbid, it creates no other before that ends'
      : '';
  return { state: 'runs', sentence: `it has ${plural(count, 'active Job')}${waits}` };
}
