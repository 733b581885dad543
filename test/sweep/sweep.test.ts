/** Sweeps over real connections, against a stand-in for the API server. */
import type { ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { startSweep } from '../../src/sweep/sweep.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from '../kubernetes/api-server.ts';
import { classicPod } from '../support/pods.ts';
import { hangingPod, withStatus } from './pods.ts';

const runs = withStatus(classicPod({ metadata: { namespace: 'shop', name: 'runs' } }), {
  app: 'running',
  'istio-proxy': 'running',
});
const minutes = 60_000;

let server: ApiServer | undefined;
let sweep: { stop: () => void } | undefined;
afterEach(async () => {
  sweep?.stop();
  await server?.close();
});

/** `again` starts the next sweep when the last has ended. */
async function sweepOver(answer: (response: ServerResponse, page: string | null) => void) {
  server = await startApiServer(({ url }, response) =>
    answer(response, new URL(`http://_${url}`).searchParams.get('continue')),
  );
  const told: unknown[] = [];
  const seen: number[] = [];
  const pauses: number[] = [];
  let again = () => {};
  sweep = startSweep(createApi(server.config).list, {
    everyMilliseconds: 5 * minutes,
    events: {
      swept: (hanging, _, looked) => {
        told.push(Object.fromEntries(hanging));
        seen.push(looked);
      },
      failed: (problem) => told.push(problem),
    },
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return new Promise((resolve) => {
        again = resolve;
      });
    },
  });
  const ended = async (count: number) => {
    await expect.poll(() => pauses.length, { timeout: 20_000 }).toBe(count);
    return told.at(-1);
  };
  return { told, seen, pauses, ended, again: () => again() };
}

const sendPods = (response: ServerResponse, items: object[], next?: string) =>
  sendJson(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: { ...(next && { continue: next }) }, items });

it('reads only pods of Jobs that still run, page by page, and counts those that hang', async () => {
  const { ended, seen } = await sweepOver((response, page) =>
    page === null
      ? sendPods(response, [hangingPod('shop'), runs, hangingPod('reports')], 'two')
      : sendPods(response, [hangingPod('shop')]),
  );
  expect(await ended(1)).toEqual({ shop: 2, reports: 1 });
  expect(seen).toEqual([4]);
  const selected = 'labelSelector=job-name&fieldSelector=status.phase=Running';
  expect(server?.requests).toEqual([
    `GET /api/v1/pods?limit=500&${selected}`,
    `GET /api/v1/pods?limit=500&${selected}&continue=two`,
  ]);
});

it('counts again after the interval, give or take a twentieth', async () => {
  let count = 0;
  const { ended, again, pauses } = await sweepOver((response) =>
    sendPods(response, count++ === 0 ? [hangingPod('shop')] : []),
  );
  expect(await ended(1)).toEqual({ shop: 1 });
  again();
  expect(await ended(2)).toEqual({});
  for (const pause of pauses) expect(pause / minutes).toBeGreaterThanOrEqual(4.75);
  for (const pause of pauses) expect(pause / minutes).toBeLessThanOrEqual(5.25);
});

it('says which right it lacks, and goes on', async () => {
  let isAllowed = false;
  const { ended, again } = await sweepOver((response) =>
    isAllowed ? sendPods(response, []) : sendJson(response, 403, refusal(403, 'pods is forbidden')),
  );
  expect(await ended(1)).toMatch(
    /did not let Clockout list pods; .* `sweep\.minutes`, unless `rbac\.create` is false$/,
  );
  isAllowed = true;
  again();
  expect(await ended(2)).toEqual({});
});

it('does not take a list that broke off for the whole', async () => {
  const { ended } = await sweepOver((response, page) =>
    page === null ? sendPods(response, [hangingPod('shop')], 'two') : sendJson(response, 500, refusal(500, 'etcd')),
  );
  expect(await ended(1)).toMatch(/status 500/);
});

it('ends when it is stopped', async () => {
  const { ended, again, told } = await sweepOver((response) => sendPods(response, []));
  await ended(1);
  sweep?.stop();
  again();
  await new Promise(setImmediate);
  expect(server?.requests).toHaveLength(1);
  expect(told).toHaveLength(1);
});
