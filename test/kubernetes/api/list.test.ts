/** Lists over real connections, against what an API server does rarely. */
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createApi, type KubeObject } from '../../../src/kubernetes/api/api.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from '../api-server.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const pages = { 'first page': names.slice(0, 2), two: names.slice(2, 4), three: names.slice(4) };
const nextOf: Record<string, string> = { 'first page': 'two', two: 'three' };

let server: ApiServer | undefined;
afterEach(() => server?.close());

/** @returns true: it has answered */
const answered = (_: unknown) => true;

const read = ({ metadata }: KubeObject) => (metadata as { name: string }).name;
const sendPage = (response: ServerResponse, page: keyof typeof pages) =>
  sendJson(response, 200, {
    kind: 'PodList',
    apiVersion: 'v1',
    metadata: { resourceVersion: '1', ...(nextOf[page] && { continue: nextOf[page], remainingItemCount: 3 }) },
    items: pages[page].map((name) => ({ metadata: { name, labels: { brace: '}{' } }, spec: {} })),
  });

/** @param answer answers instead of a page, for the n-th request, from 1; or says that it has not */
async function listFrom(answer: (response: ServerResponse, page: string, count: number) => boolean, timeout = 30_000) {
  let count = 0;
  server = await startApiServer(({ url }, response) => {
    const page = new URL(`http://_${url}`).searchParams.get('continue') ?? 'first page';
    if (!answer(response, page, ++count)) sendPage(response, page as keyof typeof pages);
  });
  return createApi(server.config, { timeout }).list({ resource: 'pods', namespace: 'shop' }, { read });
}

describe('list', () => {
  it('reads all pages, and asks with the selector of the caller', async () => {
    expect(await listFrom(() => false)).toEqual({ items: names, unread: 0 });
    expect(server?.requests).toEqual([
      'GET /api/v1/namespaces/shop/pods?limit=500',
      'GET /api/v1/namespaces/shop/pods?limit=500&continue=two',
      'GET /api/v1/namespaces/shop/pods?limit=500&continue=three',
    ]);
  });

  it('goes on with the token that comes with 410', async () => {
    const expired = { ...refusal(410, 'The provided continue parameter is too old'), metadata: { continue: 'three' } };
    const listed = await listFrom((response, _, count) => count === 2 && answered(sendJson(response, 410, expired)));
    expect(listed).toEqual({ items: ['a', 'b', 'e'], unread: 0 });
  });

  it('begins anew after a 410 without a token, and then has each object once', async () => {
    const listed = await listFrom(
      (response, _, count) => count === 2 && answered(sendJson(response, 410, refusal(410, 'too old'))),
    );
    expect(listed).toEqual({ items: names, unread: 0 });
  });

  it('gives up if each token expires', async () => {
    const { items, problem } = await listFrom(
      (response, page) => page !== 'first page' && answered(sendJson(response, 410, refusal(410, 'too old'))),
    );
    expect(items).toEqual(['a', 'b']);
    expect(problem?.message).toBe('the API server did not list pods in the namespace shop: status 410 (too old)');
  });

  it('waits as long as a busy API server asks for', async () => {
    const listed = await listFrom((response, _, count) => {
      if (count % 2 === 0) return false;
      response.setHeader('retry-after', '0');
      sendJson(response, 429, refusal(429, 'too many requests'));
      return true;
    });
    expect(listed).toEqual({ items: names, unread: 0 });
  });

  it('names the right that is missing', async () => {
    const message = 'pods is forbidden: User "jane" cannot list resource "pods"';
    const { items, problem } = await listFrom((response) => answered(sendJson(response, 403, refusal(403, message))));
    expect(items).toEqual([]);
    expect(problem).toEqual({
      kind: 'forbidden',
      status: 403,
      message: `you may not list pods in the namespace shop (${message})`,
    });
  });

  it('keeps what it has read when the API server goes away', async () => {
    const { items, problem } = await listFrom((response, page) => {
      if (page !== 'two') return false;
      response.writeHead(200).write('{"metadata":{},"items":[{"metadata":{"name":"c"}},{"meta');
      setImmediate(() => response.destroy());
      return true;
    });
    expect(items).toEqual(['a', 'b', 'c']);
    expect(problem?.kind).toBe('unreachable');
  });

  it.each([
    ['text', 'Welcome to the captive portal'],
    ['a list without an end', '{"items":['],
  ])('takes no %s for a list', async (_, body) => {
    const { problem } = await listFrom((response) => answered(response.writeHead(200).end(body)));
    expect(problem?.message).toMatch(
      /^the API server cannot be reached to list pods in the namespace shop: \S+ is no API server.*not a list/,
    );
  });

  it('does not follow a redirect with its credentials', async () => {
    const { problem } = await listFrom((response) =>
      answered(response.writeHead(302, { location: '/elsewhere' }).end()),
    );
    expect(problem).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('(status 302)') });
    expect(server?.requests).toHaveLength(1);
  });

  it('does not wait forever', async () => {
    const { problem } = await listFrom(() => true, 100);
    expect(problem?.message).toMatch(
      /^the API server cannot be reached to list pods in the namespace shop: \S+ does not answer; .* \(no answer within 0\.1 seconds\)$/,
    );
  });

  it('skips an object that is larger than objects are', async () => {
    const listed = await listFrom((response) => {
      const large = { metadata: { name: 'x', annotations: { a: 'x'.repeat(5 * 1024 * 1024) } } };
      sendJson(response, 200, { metadata: {}, items: [large, { metadata: { name: 'a' } }] });
      return true;
    });
    expect(listed).toEqual({ items: ['a'], unread: 1 });
  });
});
