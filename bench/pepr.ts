/**
 * A webhook on Pepr (https://github.com/defenseunicorns/pepr), which adds an init container to each new pod. npm installs Pepr into the
 * cache of the benchmark. Its store is answered by a server in this process.
 */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createPort } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';
import { openCache, reasonOf } from './cache.ts';
import { type Server, startServer } from './servers.ts';

export const peprVersion = '1.1.4';

/** @returns its server, or a sentence that says why it did not start */
export async function startPepr(): Promise<Server | string> {
  const folder = openCache(`pepr-${peprVersion}`);
  const problem = await install(folder);
  if (problem !== undefined) return problem;
  const store = await startStore();
  const { cert, key } = await createSelfSignedCertificate(['localhost'], new Date());
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const server = await startServer(`Pepr ${peprVersion}`, [write('module.cjs', module(await findPort()))], {
    env: {
      KUBECONFIG: write('kubeconfig', kubeconfig(store.url)),
      SSL_KEY_PATH: write('tls.key', key),
      SSL_CERT_PATH: write('tls.crt', cert),
      PEPR_API_PATH: 'bench',
      NODE_ENV: 'production',
    },
  });
  return {
    ...server,
    stop: () => {
      store.close();
      return server.stop();
    },
  };
}

// --- internal ---

async function install(folder: string): Promise<string | undefined> {
  if (existsSync(join(folder, 'node_modules/pepr/package.json'))) return undefined;
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `pepr@${peprVersion}`];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: 300_000 });
    return undefined;
  } catch (error) {
    return `Pepr ${peprVersion} could not be installed (${reasonOf(error)}).`;
  }
}

/** It serves nothing before its store was read, so it says that it serves once it answers. */
const module = (port: number) => `
const { a, Capability, PeprModule } = require('pepr');
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const capability = new Capability({ name: 'bench', description: 'adds an init container', namespaces: [] });
const { When } = capability;
When(a.Pod).IsCreated().Mutate(({ Raw: pod }) => {
  const init = { name: 'added', image: 'busybox:1.37.0-musl', command: ['/bin/busybox', 'sh', '-c', 'true'] };
  pod.spec.initContainers = [init, ...(pod.spec.initContainers ?? [])];
});
const settings = { uuid: 'bench', onError: 'ignore', webhookTimeout: 10, alwaysIgnore: { namespaces: [] } };
new PeprModule({ description: 'bench', pepr: settings }, [capability], { deferStart: true }).start(${port});
const ask = async () => {
  const { status } = await fetch('https://127.0.0.1:${port}/healthz').catch(() => ({}));
  if (status !== 200) return setTimeout(ask, 100);
  console.log(JSON.stringify({ webhook: 'https://127.0.0.1:${port}/mutate/bench', pid: process.pid }));
};
ask();
`;

/** Answers whatever is asked for with the same empty store. */
async function startStore() {
  const store = {
    apiVersion: 'pepr.dev/v1',
    kind: 'PeprStore',
    metadata: { name: 'pepr-bench-store', namespace: 'pepr-system', resourceVersion: '1', uid: 'bench' },
    data: {},
  };
  const list = { apiVersion: 'pepr.dev/v1', kind: 'PeprStoreList', metadata: { resourceVersion: '1' }, items: [store] };
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (searchParams.has('watch')) return response.write(`${JSON.stringify({ type: 'ADDED', object: store })}\n`);
    return response.end(JSON.stringify(pathname.endsWith('/peprstores') ? list : store));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** HTTP has no certificate to verify. */
const kubeconfig = (server: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
  });

async function findPort(): Promise<number> {
  const server = createPort();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
