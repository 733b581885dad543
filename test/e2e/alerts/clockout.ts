/** The built server on loopback, which counts the pods that hang. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cluster/paths.ts';
import { start } from './processes.ts';

/** @param folder where it writes its CA */
export async function startClockout(folder: string, kubeconfig: string, more: Record<string, string> = {}) {
  const caFile = join(folder, 'ca.pem');
  const env = {
    PATH: process.env.PATH,
    KUBECONFIG: kubeconfig,
    CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
    CLOCKOUT_LISTEN_PORT: '0',
    CLOCKOUT_METRICS_LISTEN_PORT: '0',
    CLOCKOUT_TLS_CA_OUT: caFile,
    CLOCKOUT_SWEEP_MINUTES: '1',
    ...more,
  };
  const ready = /"webhook":"([^"]+)","metrics":"http:\/\/([^"/]+)\/metrics"/;
  const { match, stop } = await start([process.execPath, join(root, 'dist', 'clockout.mjs'), 'serve'], ready, env);
  const [, webhook = '', metrics = ''] = match;
  return { webhook, metrics, ca: readFileSync(caFile, 'utf8'), stop };
}
