import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Following, keepWatching } from '../../src/kubernetes/keep-watching.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { startWatchServer } from './watch-server.ts';

// follow.test.ts and templates.test.ts have what else it does.
let server: ApiServer;
let following: Following;
afterEach(async () => {
  following.stop();
  await server.close();
});

it('a watch that says nothing for as long as was said is begun anew, and that is no fault', async () => {
  server = await startWatchServer();
  const errors: unknown[] = [];
  following = keepWatching(server.config, {
    path: '/api/v1/namespaces',
    query: () => ({}),
    onEvent: () => {},
    onError: (error) => errors.push(error),
    idleMilliseconds: 300,
  });
  await expect.poll(() => server.requests.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(errors).toEqual([]);
});

it('what comes after the end is not told, even if it came with the last', async () => {
  const event = `${JSON.stringify({ type: 'ADDED', object: {} })}\n`;
  server = await startApiServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(event.repeat(3));
  });
  let told = 0;
  following = keepWatching(server.config, {
    path: '/api/v1/namespaces',
    query: () => ({}),
    onEvent: () => {
      told++;
      following.stop();
    },
    onError: () => {},
  });
  await expect.poll(() => told).toBe(1);
  await sleep(50);
  expect(told).toBe(1);
});
