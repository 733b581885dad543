import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Following } from '../../src/kubernetes/keep-watching.ts';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import { watchObject } from '../../src/kubernetes/watch-object.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from './api-server.ts';

let api: ApiServer;
let following: Following | undefined;
afterEach(async () => {
  following?.stop();
  await api.close();
});

const event = (type: string) =>
  `${JSON.stringify({ type, object: { metadata: { name: 'a', resourceVersion: '5' } } })}\n`;

/** The first pauses end at once. */
const pauses: number[] = [];
const most = 6;
beforeEach(() => void pauses.splice(0));
const sleep = (milliseconds: number): Promise<void> =>
  pauses.push(milliseconds) < most ? Promise.resolve() : new Promise(() => {});

/** Answers each request for a stream by the next of these, and all further ones by the last. */
async function serve(...streams: ((response: ServerResponse) => void)[]) {
  let next = 0;
  api = await startApiServer((_, response) => streams[Math.min(next++, streams.length - 1)]?.(response));
  const seen = { changes: 0, errors: [] as unknown[] };
  following = watchObject(shareConnections(api.config), {
    path: '/api/v1/namespaces/mesh/secrets',
    name: 'a',
    onChange: () => seen.changes++,
    onError: (error) => seen.errors.push(error),
    sleep,
  });
  return seen;
}

const stays =
  (...events: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const each of events) response.write(event(each));
  };
const ends =
  (...events: string[]) =>
  (response: ServerResponse) => {
    stays(...events)(response);
    response.end();
  };

const breaks = (response: ServerResponse) => {
  stays('ADDED')(response);
  response.destroy();
};

describe('watchObject', () => {
  it('asks for the object by its name alone, as the role allows', async () => {
    await serve(stays('ADDED'));
    await expect.poll(() => api.requests.length).toBe(1);
    expect(api.requests[0]).toContain(
      '/api/v1/namespaces/mesh/secrets?watch=true&fieldSelector=metadata.name=a&resourceVersion=0',
    );
  });

  it('calls back at each change', async () => {
    const seen = await serve(stays('ADDED', 'MODIFIED', 'DELETED'));
    await expect.poll(() => seen.changes).toBe(3);
    expect(seen.errors).toEqual([]);
  });

  it.each([
    ['ends', ends('ADDED')],
    ['says that the version is too old', ends('ERROR')],
    ['breaks off', breaks],
    ['is refused', (response: ServerResponse) => sendJson(response, 503, refusal(503, 'away'))],
    ['is not a stream', (response: ServerResponse) => response.end('{}\n')],
  ])('starts a new watch when one %s', async (_, first) => {
    const seen = await serve(first, stays('ADDED', 'MODIFIED'));
    await expect.poll(() => seen.changes).toBeGreaterThanOrEqual(2);
    expect(api.requests.length).toBe(2);
  });

  it('waits longer after each failure, and reports each', async () => {
    const seen = await serve((response) => sendJson(response, 403, refusal(403, 'no')));
    await expect.poll(() => pauses.length).toBe(most);
    expect(seen.errors.length).toBe(most);
    // Half of each pause is random, so that the replicas do not all ask at once.
    for (const [time, pause] of pauses.entries()) {
      const longest = Math.min(1000 * 2 ** time, 30_000);
      expect(pause).toBeGreaterThanOrEqual(longest / 2);
      expect(pause).toBeLessThanOrEqual(longest);
    }
  });

  it('asks for nothing more once stopped', async () => {
    const seen = await serve(stays('ADDED'));
    await expect.poll(() => seen.changes).toBe(1);
    following?.stop();
    await expect.poll(() => pauses.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect([api.requests.length, pauses.length, seen.errors]).toEqual([1, 1, []]);
  });
});
