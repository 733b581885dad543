import { expect, it } from 'vitest';
import { describeLiveJob } from '../../src/live-status/job.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const at = (time: string) => `2026-11-21T${time}Z`;
const met = (type: string, lastTransitionTime = at('11:00:00'), reason = 'BackoffLimitExceeded') => ({
  conditions: [{ type, status: 'True', lastTransitionTime, reason }],
});
const metadata = { name: 'report', namespace: 'jobs' };

it.each<[string, string, object, object | undefined]>([
  [
    'a Job that is complete',
    'Job',
    { status: met('Complete') },
    { state: 'finished', sentence: 'Complete, 1 hour ago' },
  ],
  [
    'a Job that has failed',
    'Job',
    { status: met('Failed') },
    { state: 'finished', sentence: 'Failed, 1 hour ago: BackoffLimitExceeded' },
  ],
  ['a Job that is suspended', 'Job', { status: met('Suspended') }, { state: 'pending', sentence: 'it is suspended' }],
  [
    'a Job that runs',
    'Job',
    { status: { active: 1, startTime: at('11:48:00') } },
    {
      state: 'runs',
      sentence: 'it has 1 active pod, and was started 12 minutes ago',
      advice: 'whether one of them hangs, its pods say: clockout explain job/report -n jobs',
    },
  ],
  ['a Job in a manifest', 'Job', {}, undefined],
  ['a Job that was just created', 'Job', { status: {} }, undefined],
  [
    'a CronJob that waits for its Job',
    'CronJob',
    { spec: { concurrencyPolicy: 'Forbid' }, status: { active: [{}] } },
    {
      state: 'runs',
      sentence: 'it has 1 active Job; with concurrencyPolicy Forbid, it creates no other before that ends',
    },
  ],
  [
    'a CronJob with Jobs',
    'CronJob',
    { status: { active: [{}, {}] } },
    { state: 'runs', sentence: 'it has 2 active Jobs' },
  ],
  [
    'a CronJob that has no Job',
    'CronJob',
    { status: { lastScheduleTime: at('11:59:59') } },
    { state: 'pending', sentence: 'its last Job was created 1 second ago' },
  ],
  ['a CronJob in a manifest', 'CronJob', {}, undefined],
  ['another kind', 'JobSet', { status: met('Complete') }, undefined],
])('%s', (_, kind, object, expected) => {
  expect(describeLiveJob(kind, { metadata, ...object }, now)).toEqual(expected);
});
