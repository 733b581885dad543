import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../../src/certificates/self-signed.ts';
import { app, classicPod } from '../support/pods.ts';
import { createApps, review } from './helpers.ts';

let apps: ReturnType<typeof createApps>;
let ports: Record<'webhook' | 'operations', number>;

beforeAll(async () => {
  apps = createApps(await createSelfSignedCertificate(['localhost'], new Date()));
  const listen = async (of: 'webhook' | 'operations') => {
    await apps[of].listen({ host: '127.0.0.1', port: 0 });
    return (apps[of].server.address() as AddressInfo).port;
  };
  ports = { webhook: await listen('webhook'), operations: await listen('operations') };
}, 60_000);
afterAll(() => Promise.all([apps.webhook.close(), apps.operations.close()]));

async function send(bytes: string, { to = 'operations' as keyof typeof ports, tls = false } = {}) {
  const port = ports[to];
  const socket = tls ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1');
  let answer = '';
  socket
    .on('error', () => {})
    .on('data', (data) => {
      answer += data;
    });
  const closed = once(socket, 'close');
  socket.write(bytes);
  await closed;
  const [head = '', body] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}

const expectSentence = ({ head, body }: Awaited<ReturnType<typeof send>>) => {
  expect(head).toMatch(/content-type: text\/plain; charset=utf-8/i);
  expect(body).toMatch(/^[A-Z][^\n]*\.\n$/);
};

const mutate = 'POST /mutate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n';

describe('what is not a request', () => {
  it.each([
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['two lengths', `${mutate}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400],
    ['a length and chunks', `${mutate}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`, 400],
    ['a space before a colon', 'GET / HTTP/1.1\r\nhost : a\r\n\r\n', 400],
    ['headers of 20 KB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path with a lone %', 'GET /%zz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 400],
    ['no Host', 'GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['an Expect that nobody knows', 'GET /livez HTTP/1.1\r\nhost: a\r\nexpect: x\r\n\r\n', 417],
    ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n', 405],
  ])('%s is answered with one sentence, on both ports', async (_name, bytes, status) => {
    for (const answer of [await send(bytes), await send(bytes, { to: 'webhook', tls: true })]) {
      expect(answer.status).toBe(status);
      expectSentence(answer);
    }
  });

  it('plain HTTP on the port of the webhook is told what that speaks', async () => {
    const answer = await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n', { to: 'webhook' });
    expect(answer).toMatchObject({
      status: 400,
      body: 'This port expects HTTPS; the request did not begin with TLS.\n',
    });
    expectSentence(answer);
  });

  it('a body that is over a bound is told which', async () => {
    const post = (body: string) =>
      apps.webhook.inject({
        method: 'POST',
        url: '/mutate',
        headers: { 'content-type': 'application/json' },
        payload: body,
      });
    const answers = [
      await post('['.repeat(151)),
      await post(`[${'0,'.repeat(100_000)}0]`),
      await post(`[${'{"a":0,"b":0},'.repeat(25_001)}0]`),
      await post('['.repeat(150)),
    ];
    expect(answers.map(({ statusCode, body }) => [statusCode, body.split(',')[0]])).toEqual([
      [413, 'The body is nested deeper than 150 levels'],
      [413, 'The body has more than 100000 JSON values'],
      [413, 'The body has more than 50000 JSON keys'],
      [400, 'The body is not valid JSON'],
    ]);
  });

  it('3 MiB of a pod with 20,000 variables are not over one', async () => {
    const env = Array.from({ length: 20_000 }, (_, i) => ({ name: `VARIABLE_${i}`, value: `${i}`.padStart(130, 'x') }));
    const payload = JSON.stringify(review(classicPod({ spec: { containers: [app({ env })] } })));
    expect(payload.length).toBeGreaterThan(3 * 1024 * 1024);
    const headers = { 'content-type': 'application/json' };
    const answer = await apps.webhook.inject({ method: 'POST', url: '/mutate', headers, payload });
    expect(answer.statusCode).toBe(200);
  });
});
