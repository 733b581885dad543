import { expect, it } from 'vitest';
import { logSweepEvents } from '../../src/server/log-events.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { Offer } from '../../src/telemetry/pod-event.ts';

it('the pods that hang are logged when their number changes, and a problem once', () => {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line: string) => log.push(JSON.parse(line)) });
  const { swept, failed } = logSweepEvents(
    logger,
    createMetrics({ version: '0', certificateExpiry: () => new Date() }),
  );
  const two = [{ namespace: 'shop' }, { namespace: 'shop' }];
  swept(new Map(), []);
  swept(new Map([['shop', 2]]), two);
  swept(new Map([['shop', 2]]), two);
  failed('no answer');
  failed('no answer');
  swept(new Map(), []);
  expect(log.map(({ level, pods, problem }) => [level, pods ?? problem])).toEqual([
    ['warn', 2],
    ['error', 'no answer'],
  ]);
  expect(log[0]).toMatchObject({ namespaces: { shop: 2 } });
});

it('a Job with a pod that hangs gets an Event, if there are Events', () => {
  const controller = { apiVersion: 'batch/v1', kind: 'Job', name: 'report', uid: 'job-1', controller: true };
  const offers: Offer[] = [];
  const { swept } = logSweepEvents(
    createLogger('silent'),
    createMetrics({ version: '0', certificateExpiry: () => new Date() }),
    (offer) => offers.push(offer),
  );
  swept(new Map([['shop', 2]]), [
    { namespace: 'shop', name: 'report-x', ownerReferences: [controller] },
    { namespace: 'shop', name: 'by-hand' },
  ]);
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
