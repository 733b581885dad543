import { expect, it } from 'vitest';
import { logSweepEvents } from '../../src/server/log-events.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { Offer } from '../../src/telemetry/pod-event.ts';

const readLog = (level: string) => {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger(level as 'info', { write: (line: string) => log.push(JSON.parse(line)) });
  return { log, ...logSweepEvents(logger, createMetrics({ version: '0', certificateExpiry: () => new Date() })) };
};
const pods = (count: number) => Array.from({ length: count }, () => ({ namespace: 'shop' }));

it.each([
  ['info', []],
  ['debug', [['debug', 2]]],
])('at level %s, a sweep is logged when its counts change, and a problem once', (level, more) => {
  const { log, swept, failed } = readLog(level);
  swept(new Map(), [], 7);
  swept(new Map([['shop', 2]]), pods(2), 8);
  swept(new Map([['shop', 2]]), pods(2), 9);
  swept(new Map([['billing', 2]]), pods(2), 9);
  failed('no answer');
  failed('no answer');
  swept(new Map(), [], 7);
  expect(log.map(({ level, pods, problem }) => [level, pods ?? problem])).toEqual([
    ['info', 0],
    ['warn', 2],
    ...more,
    ['warn', 2],
    ['error', 'no answer'],
    ['info', 0],
  ]);
  expect(log[1]).toMatchObject({ looked: 8, namespaces: { shop: 2 } });
});

it('a line about pods that hang is short, in however many namespaces they are', () => {
  const { log, swept } = readLog('info');
  const hanging = new Map(Array.from({ length: 10_000 }, (_, i) => [`${'n'.repeat(58)}${i}`, i + 1]));
  swept(hanging, pods(10_000), 10_000);
  expect(JSON.stringify(log).length).toBeLessThan(3000);
  expect(log[0]).toMatchObject({ pods: 10_000, allNamespaces: 10_000 });
  expect(log[0]?.namespaces).toHaveProperty(`${'n'.repeat(58)}9999`, 10_000);
});

it('a Job with a pod that hangs gets an Event, if there are Events', () => {
  const controller = { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1', controller: true };
  const offers: Offer[] = [];
  const { swept } = logSweepEvents(
    createLogger('silent'),
    createMetrics({ version: '0', certificateExpiry: () => new Date() }),
    (offer) => offers.push(offer),
  );
  swept(
    new Map([['shop', 2]]),
    [
      { namespace: 'shop', name: 'report-x', ownerReferences: [controller] },
      { namespace: 'shop', name: 'by-hand' },
    ],
    2,
  );
  expect(offers.map(({ key, make }) => [key, make()])).toEqual([
    [
      'job-1 hangs',
      {
        namespace: 'shop',
        owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1' },
        type: 'Warning',
        reason: 'ClockoutPodHangs',
        message: expect.stringMatching(/report-x .*keep its result: clockout end pod\/report-x -n shop$/),
      },
    ],
  ]);
});
