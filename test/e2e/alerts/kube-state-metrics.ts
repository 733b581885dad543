/** kube-state-metrics, built from its Go module, over a stand-in for the API server. It is optional: the build takes minutes. */
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { goBuild, once } from '../cluster/binaries.ts';
import { cache, hashOf } from '../cluster/paths.ts';
import { type Started, start } from './processes.ts';

const source = join(import.meta.dirname, 'kube-state-metrics');
const folder = join(cache, `kube-state-metrics-${hashOf({ files: [source] })}`);
const program = join(folder, 'kube-state-metrics');

export const hasKubeStateMetrics = existsSync(program);

/** Needs Go and its module proxy. */
export async function buildKubeStateMetrics(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  await once(folder, 'kube-state-metrics, about 4 minutes', (target) =>
    goBuild(source, join(target, 'kube-state-metrics'), 'tool'),
  );
}

/** @returns its address, and how to stop it */
export async function startKubeStateMetrics(kubeconfig: string): Promise<Started & { address: string }> {
  const [port, telemetry] = [await freePort(), await freePort()];
  const started = await start(
    [
      program,
      '--resources=pods,deployments',
      `--kubeconfig=${kubeconfig}`,
      '--host=127.0.0.1',
      '--telemetry-host=127.0.0.1',
      `--port=${port}`,
      `--telemetry-port=${telemetry}`,
    ],
    /Started metrics server/,
  );
  return { ...started, address: `127.0.0.1:${port}` };
}

// --- internal ---

/** It takes no 0 for a port. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('expected a port, found none');
  return address.port;
}
