import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Following, keepWatching } from '../../src/kubernetes/keep-watching.ts';
import { type ApiServer, startApiServer } from './api-server.ts';
import { startWatchServer } from './watch-server.ts';

// watch-object.test.ts and templates.test.ts have what else it does.
let server: ApiServer;
let following: Following;
afterEach(async () => {
  following.stop();
  await server.close();
});

it('starts a new watch after one has been silent for idleMilliseconds, and reports no error', async () => {
  server = await startWatchServer();
  const errors: unknown[] = [];
  following = keepWatching(server.config, {
    path: '/api/v1/namespaces',
    createQuery: () => ({}),
    onEvent: () => {},
    onError: (error) => errors.push(error),
    idleMilliseconds: 300,
  });
  await expect.poll(() => server.requests.length).toBeGreaterThan(1);
  expect(errors).toEqual([]);
});

it('reports no event after stop(), even if it arrived with an earlier one', async () => {
  const event = `${JSON.stringify({ type: 'ADDED', object: {} })}\n`;
  server = await startApiServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write(event.repeat(3));
  });
  let told = 0;
  following = keepWatching(server.config, {
    path: '/api/v1/namespaces',
    createQuery: () => ({}),
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
