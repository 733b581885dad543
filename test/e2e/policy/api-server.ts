/**
 * A kube-apiserver with etcd and nothing else, on loopback: the release of kube-apiserver/go.mod, which has MutatingAdmissionPolicy v1
 * on by default. Policies need no more: what they make of a pod shows a dry run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { KubeObject } from '../cluster/api.ts';
import { once as buildOnce, goBuild } from '../cluster/binaries.ts';
import { lastLines } from '../cluster/exec.ts';
import { cache, hashOf } from '../cluster/paths.ts';
import { eventually } from '../cluster/progress.ts';

const source = join(import.meta.dirname, 'kube-apiserver');

export type ApiServer = {
  /** As in `v1.36.3`. */
  version: string;
  /** Sends an object; the answer is one, too. Throws if it is refused. */
  post: (path: string, object: KubeObject) => Promise<KubeObject>;
  stop: () => Promise<void>;
};

/** @returns the path of the program, which is built if it is not there yet */
export async function buildApiServer(): Promise<string> {
  const folder = join(cache, `kube-apiserver-${hashOf({ files: [source] })}`);
  await buildOnce(folder, 'kube-apiserver, about 4 minutes', (target) => {
    const version = releaseOf(source);
    const set = (name: string, value = '') => `-X k8s.io/component-base/version.${name}=${value}`;
    const [major, minor] = version.slice(1).split('.');
    const flags = [set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)];
    return goBuild(source, `${target}/`, 'tool', flags);
  });
  return join(folder, 'kube-apiserver');
}

export async function startApiServer(program: string): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-policy-'));
  const token = randomUUID();
  const [port, clientPort, peerPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(folder, 'service-accounts.key');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const [etcdUrl, peerUrl] = [`http://127.0.0.1:${clientPort}`, `http://127.0.0.1:${peerPort}`];
  const children = [
    spawn('etcd', [
      ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`, '--log-level', 'error'],
    ]),
    spawn(program, [
      ...['--etcd-servers', etcdUrl, '--bind-address', '127.0.0.1', '--secure-port', `${port}`],
      ...['--advertise-address', '127.0.0.1', '--cert-dir', folder, '--token-auth-file', join(folder, 'tokens.csv')],
      ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', key],
      ...['--service-account-signing-key-file', key, '--authorization-mode', 'RBAC'],
    ]),
  ];
  const logs = children.map(({ stderr }) => readText(stderr));
  const stop = async (): Promise<void> => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true });
  };
  const send = (method: string, path: string, body?: KubeObject) =>
    ask(`https://127.0.0.1:${port}${path}`, method, token, readFileSync(join(folder, 'apiserver.crt')), body);
  try {
    await eventually('the API server is ready', 120, async () => {
      if (children.some(({ exitCode }) => exitCode !== null))
        throw new Error(lastLines((await Promise.all(logs)).join(''), 12));
      return (await send('GET', '/readyz')) === 'ok';
    });
    const { gitVersion } = JSON.parse(await send('GET', '/version'));
    return { version: gitVersion, post: async (path, object) => JSON.parse(await send('POST', path, object)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// --- internal ---

const releaseOf = (folder: string): string =>
  /^require k8s\.io\/kubernetes (v\S+)|^\s+k8s\.io\/kubernetes (v\S+)/m
    .exec(readFileSync(join(folder, 'go.mod'), 'utf8'))
    ?.slice(1)
    .find((version) => version !== undefined) ?? '';

function ask(url: string, method: string, token: string, ca: Buffer, body?: KubeObject): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, ca, headers, timeout: 30_000 }, async (response) => {
      const answer = await readText(response);
      if ((response.statusCode ?? 0) < 300) resolve(answer);
      else reject(new Error(`${method} ${url}: ${response.statusCode} ${answer}`));
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
