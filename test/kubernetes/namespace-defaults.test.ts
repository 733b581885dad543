import { afterEach, describe, expect, it } from 'vitest';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import { type FollowedNamespaces, followNamespaceDefaults } from '../../src/kubernetes/namespace-defaults.ts';
import { measureHeap } from '../support/heap.ts';
import { startWatchServer } from './watch-server.ts';

type Server = Awaited<ReturnType<typeof startWatchServer>>;
let server: Server;
let followed: FollowedNamespaces | undefined;
afterEach(async () => {
  followed?.stop();
  await server.close();
});

const path = '/api/v1/namespaces';
const namespace = (name: string, annotations: Record<string, string> = {}) => ({
  metadata: { uid: name, name, annotations, managedFields: [{ manager: 'kubectl' }] },
  status: { phase: 'Active' },
});
const quitting = (name: string, quit: string) => namespace(name, { 'clockout.dev/quit': quit, team: 'a' });

async function follow(
  fill: (server: Server) => void,
  { allowed = undefined as Set<string> | undefined, now = (): number => 0 } = {},
) {
  server = await startWatchServer();
  fill(server);
  const ineffective: [string, string[]][] = [];
  const problems: string[] = [];
  followed = followNamespaceDefaults(shareConnections(server.config), {
    allowed,
    now,
    events: { ineffective: (...told) => void ineffective.push(told), failed: (problem) => void problems.push(problem) },
  });
  const { defaultsOf, state } = followed;
  const quitOf = (name: string) => defaultsOf(name)?.values.quit;
  return { defaultsOf, quitOf, state, ineffective, problems };
}

const known = ({ state }: { state: () => string }) => expect.poll(state).toBe('known');

describe('followNamespaceDefaults', () => {
  it('knows the annotations of all namespaces, page by page, and every change', async () => {
    const many = Array.from({ length: 1200 }, (_, i) => quitting(`n-${i}`, 'always'));
    const found = await follow((to) => to.put(path, ...many, namespace('none')));
    expect(found.state()).toBe('awaited');
    await known(found);
    expect([found.quitOf('n-0'), found.quitOf('n-1199'), found.quitOf('none'), found.quitOf('unknown')]).toEqual([
      'always',
      'always',
      undefined,
      undefined,
    ]);
    await expect.poll(() => server.streams()).toBe(1);
    server.put(path, quitting('n-0', 'never'), quitting('new', 'always'), namespace('n-1'));
    server.remove(path, 'n-2');
    await expect
      .poll(() => [found.quitOf('n-0'), found.quitOf('new'), found.quitOf('n-1'), found.quitOf('n-2')])
      .toEqual(['never', 'always', undefined, undefined]);
    expect(found.problems).toEqual([]);
  });

  it('asks for metadata only', async () => {
    const accepted: string[] = [];
    const found = await follow((to) => {
      const authenticate = to.config.applySecurityAuthentication.bind(to.config);
      to.config.applySecurityAuthentication = async (context) => {
        await authenticate(context);
        const set = context.setHeaderParam.bind(context);
        context.setHeaderParam = (key, value) => {
          if (key.toLowerCase() === 'accept') accepted.push(value);
          set(key, value);
        };
      };
      to.put(path, quitting('a', 'always'));
    });
    await known(found);
    await expect.poll(() => accepted).toContain('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  it('goes on with what it knows while the API server is away, and catches up', async () => {
    const found = await follow((to) => to.put(path, quitting('a', 'always'), quitting('b', 'always')));
    await known(found);
    await expect.poll(() => server.streams()).toBe(1);
    server.refuse(path);
    server.breakOff();
    expect(found.quitOf('a')).toBe('always');
    await expect
      .poll(() => found.problems)
      .toContainEqual(
        expect.stringMatching(
          /did not let Clockout watch the namespaces of the cluster: .*; the chart gives it the right with `namespaceDefaults`, unless `rbac\.create`/,
        ),
      );
    expect([found.quitOf('a'), found.state()]).toEqual(['always', 'known']);
  });

  it('forgets a namespace that was deleted while nobody watched', async () => {
    const found = await follow((to) => to.put(path, quitting('a', 'always'), quitting('b', 'always')));
    await known(found);
    await expect.poll(() => server.streams()).toBe(1);
    server.remove(path, 'b');
    server.forget();
    server.breakOff();
    await expect.poll(() => found.quitOf('b')).toBeUndefined();
    expect(found.quitOf('a')).toBe('always');
  });

  it('serves without it after a while, if the API server does not answer', async () => {
    let time = 0;
    const found = await follow((to) => to.refuse(path), { now: () => time });
    await expect.poll(() => found.problems.length).toBeGreaterThan(0);
    expect(found.state()).toBe('awaited');
    time = 10_000;
    expect(found.state()).toBe('unknown');
    expect(found.defaultsOf('a')).toBeUndefined();
  });

  it('tells once of what has no effect, with the namespace, and keeps the rest', async () => {
    const texts = { 'clockout.dev/quit': 'sometimes', 'clockout.dev/guard': 'false' };
    const found = await follow((to) => to.put(path, namespace('a', texts), quitting('b', 'always')), {
      allowed: new Set(['quit', 'trace', 'guard']),
    });
    await known(found);
    expect(found.ineffective).toEqual([['a', ['quit: expected auto, on-success, always or never; found "sometimes"']]]);
    expect(found.defaultsOf('a')?.values).toEqual({ guard: false });
    await expect.poll(() => server.streams()).toBe(1);
    server.put(path, { ...namespace('a', texts), status: { phase: 'Terminating' } });
    server.put(path, namespace('c', { 'clockout.dev/probes': 'none' }));
    await expect.poll(() => found.ineffective).toHaveLength(2);
    expect(found.ineffective[1]).toEqual(['c', [expect.stringContaining('probes is not allowed')]]);
  });

  it('takes a few MiB for 10,000 namespaces, each with annotations of its own and many others', async () => {
    server = await startWatchServer();
    const other = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`example.com/${i}`, 'x'.repeat(100)]));
    for (let i = 0; i < 10_000; i++)
      server.put(
        path,
        namespace(`n-${i}`, { ...other, 'clockout.dev/wait-timeout': `${i}s`, 'clockout.dev/quit': 'auto' }),
      );
    const before = await measureHeap();
    followed = followNamespaceDefaults(shareConnections(server.config), {
      now: () => 0,
      events: { ineffective: () => {}, failed: () => {} },
    });
    await expect.poll(followed.state, { timeout: 60_000 }).toBe('known');
    for (let i = 0; i < 10_000; i++) expect(followed.defaultsOf(`n-${i}`)?.texts['wait-timeout']).toBe(`${i}s`);
    expect(((await measureHeap()) - before) / 1024 / 1024).toBeLessThan(15);
  });

  it('keeps no more than a bound of one namespace', async () => {
    const found = await follow((to) => to.put(path, namespace('a', { 'clockout.dev/sidecars': 'a,'.repeat(100_000) })));
    await known(found);
    expect(found.ineffective).toEqual([['a', [expect.stringContaining('longer than 4096 characters')]]]);
    expect(found.defaultsOf('a')).toMatchObject({ values: {}, problems: [{ code: 'too-long' }] });
  });
});
