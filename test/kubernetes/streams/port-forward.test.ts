/** A POST to a pod over a real WebSocket, against what a node does rarely. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { execute } from '../../../src/kubernetes/streams/exec.ts';
import { openPort } from '../../../src/kubernetes/streams/port-forward.ts';
import { postOver } from '../../../src/kubernetes/streams/post.ts';
import { type ApiServer, refusal, startApiServer } from '../api-server.ts';
import { acceptChannels, answerPosts, httpAnswer, refuseUpgrade, type ServerChannels } from './channels.ts';

let server: ApiServer | undefined;
afterEach(() => server?.close());

const pod = { namespace: 'shop', name: 'report-x7k2p' };

async function post(upgrade: (request: IncomingMessage, socket: Duplex) => void, timeout = 5000) {
  server = await startApiServer(() => {}, upgrade);
  const opened = await openPort(server.config, { ...pod, port: 15_020 }, timeout);
  return opened.ok ? await postOver(opened.value, '/quitquitquit', timeout) : opened;
}

const postTo = (answer: (channels: ServerChannels) => void, timeout?: number) =>
  post((request, socket) => answer(acceptChannels(request, socket)), timeout);

describe('a POST over a forwarded port', () => {
  it.each([200, 404, 500])('gets the status %i', async (status) => {
    expect(await postTo((channels) => answerPosts(channels, 15_020, () => httpAnswer(status)))).toEqual({
      ok: true,
      value: status,
    });
    expect(server?.requests).toEqual(['GET /api/v1/namespaces/shop/pods/report-x7k2p/portforward?ports=15020']);
  });

  it('reads no more of an answer than its status, so one without end is none of its business', async () => {
    const endless = (channels: ServerChannels) =>
      answerPosts(channels, 15_020, () => `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(10_000)}`);
    expect(await postTo(endless)).toEqual({ ok: true, value: 200 });
  });

  it.each<[string, (channels: ServerChannels) => void, string, string | RegExp]>([
    [
      'that nothing listens on',
      ({ send }) => {
        send(0, Buffer.of(0xac, 0x3a));
        send(1, Buffer.concat([Buffer.of(0xac, 0x3a), Buffer.from('dial tcp4 127.0.0.1:15020: connection refused')]));
      },
      'refused',
      'nothing listens on port 15020',
    ],
    [
      'that the node cannot reach for another reason',
      ({ send }) => {
        send(1, Buffer.of(0xac, 0x3a));
        send(1, `no \u001b[31msocat ${'x'.repeat(1000)}`);
      },
      'refused',
      /^no {2}\[31msocat x{200,}…$/,
    ],
    ['that is closed', (channels) => channels.close(), 'cut', /closed without an answer/],
    ['that breaks off', ({ socket }) => socket.destroy(), 'cut', /closed without an answer/],
    [
      'that answers headers without end',
      (channels) => answerPosts(channels, 15_020, () => `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`),
      'cut',
      /closed without an answer/,
    ],
    [
      'that sends no frames',
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
      'cut',
      /closed without an answer/,
    ],
  ])('to a port %s: says so', async (_, answer, kind, message) => {
    expect(await postTo(answer)).toEqual({ ok: false, problem: { kind, message: expect.stringMatching(message) } });
  });

  it('gives up a port that never answers', async () => {
    expect(await postTo((channels) => answerPosts(channels, 15_020, () => undefined), 300)).toEqual({
      ok: false,
      problem: { kind: 'slow', message: 'no answer within 0.3 seconds' },
    });
  });

  it('gives up an API server that never answers', async () => {
    expect(await post(() => {}, 300)).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', message: expect.stringContaining('no answer within 0.3 seconds') },
    });
  });

  it.each<[number, string, object]>([
    [
      403,
      'pods "report-x7k2p" is forbidden: User "jane" cannot get resource "pods/portforward"',
      { kind: 'forbidden', message: 'you may not get pods/portforward in the namespace shop' },
    ],
    [
      403,
      'pods "report-x7k2p" is forbidden: ',
      { kind: 'forbidden', message: 'you may not create pods/portforward in the namespace shop' },
    ],
    [404, 'pods "report-x7k2p" not found', { kind: 'missing' }],
    [500, 'error dialing backend', { kind: 'refused', message: expect.stringContaining('error dialing backend') }],
    [200, 'hello', { kind: 'refused' }],
  ])('names what the API server refuses: %i %s', async (status, message, problem) => {
    expect(await post((_, socket) => refuseUpgrade(socket, status, refusal(status, message)))).toMatchObject({
      ok: false,
      problem: { status, ...problem },
    });
  });
});

describe('a program that runs in a container', () => {
  const executeWith = async (answer: (channels: ServerChannels) => void, timeout = 5000) => {
    server = await startApiServer(
      () => {},
      (request, socket) => answer(acceptChannels(request, socket)),
    );
    return await execute(
      server.config,
      { ...pod, container: 'istio-proxy', command: ['pilot-agent', 'request'] },
      timeout,
    );
  };
  const exited = (code: string) => ({
    status: 'Failure',
    message: 'command terminated',
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  });

  it.each<[string, object | string, number | string]>([
    ['succeeds', { status: 'Success' }, 0],
    ['fails', exited('3'), 3],
    ['fails with a code that is none', exited('3; reboot'), 'command terminated'],
    ['is not there', { status: 'Failure', message: 'exec: "sh": not found' }, 'exec: "sh": not found'],
    ['ends in a way that is not said', 'nonsense', 'it is not known how it ended'],
  ])('%s', async (_, status, expected) => {
    const said = typeof status === 'string' ? status : JSON.stringify(status);
    expect(await executeWith(({ send }) => send(3, said))).toEqual({ ok: true, value: expected });
    expect(server?.requests).toEqual([
      'GET /api/v1/namespaces/shop/pods/report-x7k2p/exec?container=istio-proxy&stderr=true&command=pilot-agent&command=request',
    ]);
  });

  it('is not waited for without end', async () => {
    expect(await executeWith(() => {}, 300)).toEqual({ ok: true, value: 'it has not ended within 0.3 seconds' });
    await server?.close();
    expect(await executeWith(({ socket }) => socket.destroy())).toEqual({
      ok: true,
      value: 'the connection broke off',
    });
  });
});
