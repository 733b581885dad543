/** What the commands say if no API server answers, or something else in its place. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';

const directory = mkdtempSync(join(tmpdir(), 'clockout-'));
afterAll(() => rmSync(directory, { recursive: true }));

const answering =
  (status: number, headers: Record<string, string>, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const page = '<!DOCTYPE html><html><body>Please log in</body></html>';
const html = { 'content-type': 'text/html; charset=utf-8' };

const greet = (socket: Socket) => {
  socket.on('error', () => {}).resume();
  socket.write('SSH-2.0-OpenSSH_9.6\r\n');
};

function createTls(): Server {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name)) as [string, string];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=a'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end('{}'));
}

type Stranger = { scheme: 'http' | 'https'; create: () => Server; expected: RegExp };

const strangers: Record<string, Stranger> = {
  'the page of a proxy': {
    scheme: 'http',
    create: () => createServer(answering(200, html, page)),
    expected:
      /: ADDRESS is no API server, or a proxy answers in its place \(status 200, text\/html\); check the server/,
  },
  'a proxy that refuses': {
    scheme: 'http',
    create: () => createServer(answering(403, html, page)),
    expected:
      /: ADDRESS is no API server, or a proxy answers in its place \(status 403, text\/html\); check the server/,
  },
  'a proxy that asks for a password': {
    scheme: 'http',
    create: () => createServer(answering(407, html, page)),
    expected: /: the answer of ADDRESS is not that of an API server, such as that of a proxy that asks .* settings\n$/,
  },
  'a proxy that leads elsewhere': {
    scheme: 'http',
    create: () => createServer(answering(302, { location: 'https://login.example.com/' }, '')),
    expected: /: ADDRESS is no API server, or a proxy answers in its place \(status 302\); check the server/,
  },
  'another web server': {
    scheme: 'http',
    create: () => createServer(answering(404, html, page)),
    expected:
      /: ADDRESS is no API server, or a proxy answers in its place \(status 404, text\/html\); check the server/,
  },
  'another API': {
    scheme: 'http',
    create: () => createServer(answering(404, { 'content-type': 'application/json' }, '{"error":"no route"}')),
    expected:
      /: ADDRESS is no API server, or a proxy answers in its place \(status 404, application\/json\); check the/,
  },
  'TLS to a port without TLS': {
    scheme: 'https',
    create: () => createServer(answering(200, html, page)),
    expected: /: ADDRESS does not speak TLS as an API server does; check the port, and whether/,
  },
  'HTTP to a port with TLS': {
    scheme: 'http',
    create: () => createServer(answering(400, {}, 'Client sent an HTTP request to an HTTPS server.\n')),
    expected: /: ADDRESS takes only TLS; the server in your kubeconfig has to begin with https:\/\//,
  },
  'a certificate of somebody else': {
    scheme: 'https',
    create: createTls,
    expected:
      /: your kubeconfig does not trust the certificate of ADDRESS; check its certificate authority, and proxies/,
  },
  'a port of another protocol': {
    scheme: 'http',
    create: () => createTcpServer(greet),
    expected: /: ADDRESS does not speak HTTP; check the port in your kubeconfig \(/,
  },
  nobody: {
    scheme: 'https',
    create: () => createTcpServer(),
    expected: /: nothing listens at ADDRESS; check that the cluster runs, and the server in your kubeconfig \(ECONNREF/,
  },
};

const commands = [
  'audit',
  'audit -A -o json',
  'end report --yes',
  'end --hanging -A --dry-run',
  'end --hanging -n shop,reports --dry-run -o json',
  'explain job/report cronjob/nightly pod/report-x7k2p',
  'explain jobs,pods -A',
  'doctor',
  'doctor --pre -o json',
  'version',
];

// Loading them for the first time takes long.
beforeAll(async () => {
  for (const command of commands) await run(command, 'http://127.0.0.1:9');
}, 120_000);

describe.each(Object.entries(strangers))('%s', (name, { scheme, create, expected }) => {
  it('is one line for each command', async () => {
    const server = create();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const close = () => new Promise((resolve) => server.close(resolve));
    if (name === 'nobody') await close();
    try {
      for (const command of commands) {
        const { code, stdout, stderr } = await run(command, address);
        expect(stderr, command).toMatch(/^clockout: the API server cannot be reached to .*\n$/);
        expect(stderr.replaceAll(address, 'ADDRESS'), command).toMatch(expected);
        expect([code, command === 'version' ? '' : stdout], command).toEqual([1, '']);
      }
    } finally {
      if (name !== 'nobody') await close();
    }
  });
});

async function run(command: string, server: string) {
  const file = join(directory, 'config');
  writeFileSync(file, kubeconfig(server));
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdin: Readable.from([]),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  };
  const code = await main(['node', 'clockout', ...command.split(' '), '--kubeconfig', file], {}, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

const kubeconfig = (server: string) => `
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "${server}"}}]
users: [{name: a, user: {token: secret}}]
contexts: [{name: a, context: {cluster: a, user: a}}]
current-context: a
`;
