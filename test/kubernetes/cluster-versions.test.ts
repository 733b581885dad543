import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterVersions } from '../../src/decide/cluster-versions.ts';
import { type FollowedVersions, followClusterVersions } from '../../src/kubernetes/cluster-versions.ts';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import { measureHeap } from '../support/heap.ts';
import { type Node, startNodeServer } from './node-server.ts';

type Server = Awaited<ReturnType<typeof startNodeServer>>;
let server: Server;
let followed: FollowedVersions | undefined;
afterEach(async () => {
  followed?.stop();
  await server.close();
});

const minute = 60_000;
const linux = 'kubernetes.io/os!=windows';
const node = (name: string, version: string, more: Partial<Node> = {}): Node => ({ name, version, ...more });

/** `pass` lets so much time pass, and returns when what was due then has been read. */
async function follow(nodes: readonly Node[], change: (server: Server) => void = () => {}, selector = linux) {
  server = await startNodeServer(nodes);
  change(server);
  let now = 0;
  let sleeps = 0;
  let wake = () => {};
  const pauses: number[] = [];
  const problems: string[] = [];
  const changes: [ClusterVersions, string | undefined][] = [];
  const seen = { reads: 0, problems, changes, pauses };
  const slept = () => expect.poll(() => sleeps, { timeout: 20_000 });
  followed = followClusterVersions(shareConnections(server.config), {
    ...(selector && { nodes: selector }),
    now: () => now,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      sleeps++;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    events: {
      read: () => seen.reads++,
      changed: (versions, oldest) => changes.push([versions, oldest && `${oldest.name} ${oldest.version}`]),
      failed: (problem) => problems.push(problem),
    },
  });
  await slept().toBe(1);
  const pass = async (milliseconds: number) => {
    now += milliseconds;
    const before = sleeps;
    wake();
    await slept().toBe(before + 1);
  };
  return { ...seen, seen, pass, current: followed.current, state: followed.state };
}

describe('the versions of a cluster', () => {
  it.each<[string, Node[], number | undefined]>([
    ['of one version', [node('a', 'v1.33.1'), node('b', 'v1.33.5')], 33],
    ['of several', [node('a', 'v1.34.0'), node('b', 'v1.31.2-eks-1'), node('c', 'v1.33.0')], 31],
    ['that is not ready', [node('a', 'v1.34.0'), node('b', 'v1.28.0', { status: 'NotReady' })], 28],
    ['that is cordoned', [node('a', 'v1.34.0'), node('b', 'v1.28.0', { status: 'Ready,SchedulingDisabled' })], 28],
    ['that run Windows', [node('a', 'v1.34.0'), node('b', 'v1.28.0', { os: 'windows' })], 34],
    ['of which one has an unknown version', [node('a', 'v1.34.0'), node('b', 'kwok-v0.7.0')], undefined],
    ['of which one has a row without end', [node('a', 'v1.34.0'), node('b', `v1.34.${'0'.repeat(20_000)}`)], undefined],
    ['that do not exist', [], undefined],
  ])('with nodes %s have the oldest of these', async (_, nodes, oldestNode) => {
    const { current, problems } = await follow(nodes);
    expect(current()).toEqual({ apiServer: 35, ...(oldestNode && { oldestNode }) });
    expect(problems).toEqual([]);
  });

  it('are not known before the first answer', async () => {
    const { current, pass, problems } = await follow([node('a', 'v1.34.0')], ({ state }) => {
      state.status = 500;
      state.version.minor = '';
    });
    expect(current()).toEqual({});
    expect(problems).toHaveLength(1);
    server.state.status = 200;
    await pass(minute);
    expect(current()).toEqual({ oldestNode: 34 });
  });

  it('are told when they change, with the oldest node', async () => {
    const { changes, pass } = await follow([node('a', 'v1.34.0')]);
    await pass(minute);
    server.state.nodes = [node('a', 'v1.34.0'), node('b', 'v1.29.1'), node('c', 'v1.29.1')];
    await pass(minute);
    await pass(minute);
    expect(changes).toEqual([
      [{ apiServer: 35, oldestNode: 34 }, 'a v1.34.0'],
      [{ apiServer: 35, oldestNode: 29 }, 'b v1.29.1'],
    ]);
  });

  it('are asked for once a minute, that of the API server every ten', async () => {
    const { pass } = await follow([node('a', 'v1.34.0')]);
    for (let i = 1; i <= 10; i++) await pass(minute);
    const asked = (path: string) => server.requests.filter((request) => request.startsWith(`GET ${path}`)).length;
    expect([asked('/api/v1/nodes'), asked('/version')]).toEqual([11, 2]);
  });

  it('include the API server alone if nodes do not count', async () => {
    const { current } = await follow([node('a', 'v1.34.0')], () => {}, '');
    expect(current()).toEqual({ apiServer: 35 });
    expect(server.requests).toEqual(['GET /version']);
  });

  it('come in pages where the API server has to ask etcd', async () => {
    const nodes = Array.from({ length: 1200 }, (_, i) => node(`n${i}`, i === 1100 ? 'v1.30.0' : 'v1.34.0'));
    const { current, problems } = await follow(nodes, ({ state }) => {
      state.pages = true;
    });
    expect([current().oldestNode, problems]).toEqual([30, []]);
    expect(server.requests.filter((request) => request.includes('/nodes'))).toHaveLength(3);
  });
});

describe('at the start, a replica waits', () => {
  const second = 1000;

  it('for the first answer', async () => {
    const { state, pass } = await follow([node('a', 'v1.34.0')], ({ state: server }) => {
      server.status = 500;
    });
    expect(state()).toBe('awaited');
    server.state.status = 200;
    await pass(second);
    expect(state()).toBe('known');
  });

  it('and asks each second, but for no longer than 10 s', async () => {
    const { state, pass, pauses } = await follow([node('a', 'v1.34.0')], ({ state: server }) => {
      server.status = 500;
    });
    for (let i = 1; i < 10; i++) await pass(second);
    expect([state(), new Set(pauses)]).toEqual(['awaited', new Set([second])]);
    await pass(second);
    expect(state()).toBe('unknown');
    expect(Math.abs((pauses.at(-1) ?? 0) - minute)).toBeLessThanOrEqual(minute / 20);
  });

  it.each([401, 403])('not for another answer after a refusal, %i', async (status) => {
    const { state } = await follow([node('a', 'v1.34.0')], ({ state: server }) => {
      server.status = status;
    });
    expect(state()).toBe('unknown');
  });
});

describe('without an answer', () => {
  const broken = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(
      '{"kind":"Table","columnDefinitions":[{"name":"Name"},{"name":"Version"}],"rows":[{"cells":["a","v1.',
    );
    setTimeout(() => response.destroy(), 20);
  };
  const short = (response: ServerResponse) =>
    response.end(
      '{"kind":"Table","columnDefinitions":[{"name":"Name"},{"name":"Version"}],"rows":[{"cells":["a","v1.36.0"]}',
    );
  const other = (response: ServerResponse) => response.end('{"kind":"NodeList","items":[{"metadata":{"name":"a"}}]}');
  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['that is whole', broken, /^the API server cannot be reached to list the nodes/],
    ['with an end', short, /list the nodes \(its answer is not a Table of nodes\)$/],
    ['in rows', other, /list the nodes \(its answer is not a Table of nodes\)$/],
    ['in JSON', (response) => response.end('<html>{}</html>'), /list the nodes/],
  ])('%s, the last one is kept', async (_, answer, problem) => {
    const { current, pass, problems } = await follow([node('a', 'v1.34.0')]);
    server.state.answer = answer;
    await pass(minute);
    expect(current()).toEqual({ apiServer: 35, oldestNode: 34 });
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  it('for an hour, nothing is known any more', async () => {
    const { current, changes, pass } = await follow([node('a', 'v1.34.0')]);
    server.state.status = 503;
    await pass(59 * minute);
    expect(current()).toEqual({ apiServer: 35, oldestNode: 34 });
    await pass(minute);
    expect(current()).toEqual({ apiServer: 35 });
    expect(changes.at(-1)).toEqual([{ apiServer: 35 }, undefined]);
  });

  it('without the right, the problem says what gives it', async () => {
    const { problems } = await follow([], ({ state }) => {
      state.status = 403;
    });
    expect(problems).toEqual([
      'the API server did not let Clockout list the nodes: 403 nodes is forbidden; the chart gives it the right if Clockout decides by the nodes (strategy `auto`), unless `rbac.create` is false',
    ]);
  });
});

describe('a cluster of 5,000 nodes', () => {
  const name = (i: number) => `ip-10-${i >> 8}-${i & 255}-${(i * 37) & 255}.eu-west-1.compute.internal`;
  const nodes = Array.from({ length: 5000 }, (_, i) => node(name(i), 'v1.33.5-eks-ba24e9c'));

  it('costs one request a minute, and the API server sends less than 128 KiB', async () => {
    const { pauses } = await follow(nodes);
    expect(server.requests).toEqual([
      'GET /version',
      `GET /api/v1/nodes?includeObject=None&limit=500&labelSelector=${linux}&resourceVersion=0`,
    ]);
    expect(server.state.bytesSent).toBeLessThan(128 * 1024);
    for (const pause of pauses) expect(Math.abs(pause - minute)).toBeLessThanOrEqual(minute / 20);
  });

  it('takes less than 1 MiB, also in the middle of an answer', async () => {
    const head = JSON.stringify({ columnDefinitions: [{ name: 'Name' }, { name: 'Version' }], rows: [] }).slice(0, -2);
    const row = (i: number) => JSON.stringify({ cells: [name(i), 'v1.33.5', 'x'.repeat(200)], object: null });
    const { current, pass } = await follow([node('a', 'v1.34.0')]);
    const measure = async () => (await measureHeap()) + process.memoryUsage().arrayBuffers;
    const before = await measure();
    let answer: ServerResponse | undefined;
    server.state.answer = (response) => {
      answer = response;
      response.write(head);
      for (let i = 0; i < 5000; i++) response.write(`${i ? ',' : ''}${row(i)}`);
    };
    const passed = pass(minute);
    // What the stand-in has not sent yet is in the same heap.
    const grown = async () => (answer?.writableLength === 0 ? (await measure()) - before : Number.POSITIVE_INFINITY);
    await expect.poll(grown, { timeout: 20_000 }).toBeLessThan(1024 * 1024);
    answer?.end(']}');
    await passed;
    expect(current().oldestNode).toBe(33);
    expect((await measure()) - before).toBeLessThan(1024 * 1024);
  });
});
