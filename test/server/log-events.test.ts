import { expect, it } from 'vitest';
import { logSweepEvents } from '../../src/server/log-events.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

it('the pods that hang are logged when their number changes, and a problem once', () => {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger('info', { write: (line: string) => log.push(JSON.parse(line)) });
  const { swept, failed } = logSweepEvents(
    logger,
    createMetrics({ version: '0', certificateExpiry: () => new Date() }),
  );
  swept(new Map());
  swept(new Map([['shop', 2]]));
  swept(new Map([['shop', 2]]));
  failed('no answer');
  failed('no answer');
  swept(new Map());
  expect(log.map(({ level, pods, problem }) => [level, pods ?? problem])).toEqual([
    ['warn', 2],
    ['error', 'no answer'],
  ]);
  expect(log[0]).toMatchObject({ namespaces: { shop: 2 } });
});
