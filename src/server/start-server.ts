/** The webhook and the operations server, without the process around them: no signals, and no exit code. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientCaSource } from '../certificates/files/client-ca.ts';
import { writeCa } from '../certificates/files/write-ca.ts';
import type { CertificateSource } from '../certificates/source.ts';
import type { Config } from '../config/parse.ts';
import { readErrorCode } from '../util/errors.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { createOperations, createWebhook, useCertificate } from './app.ts';
import { listen } from './listen.ts';
import type { MutateDeps } from './routes/mutate.ts';
import { checkReadiness, type Followed } from './routes/readiness.ts';

export type ServerDeps = MutateDeps & {
  source: CertificateSource;
  /** The CA of callers; left out if callers need no certificate. */
  clientCas?: ClientCaSource;
  /** The versions of the cluster; left out if nothing can be known of them. */
  versions?: Followed;
  /** The annotations of namespaces; left out if they have no effect. */
  namespaces?: Followed;
};

type RunningServer = {
  webhookUrl: string;
  metricsUrl: string;
  /** Drains: keeps serving for that time, with readiness off. Then closes all connections. */
  stop: (drainMilliseconds: number) => Promise<void>;
};

/** Starts both servers. @returns why they could not start, with every reason */
export async function startServer(
  config: Config,
  { source, clientCas, versions, namespaces, ...deps }: ServerDeps,
): Promise<Result<RunningServer, string[]>> {
  const closeSources = () => {
    source.close();
    clientCas?.close();
  };
  const caProblem = await writeCaOut(config.tlsCaOut, source.current().ca);
  if (caProblem) {
    closeSources();
    return fail([caProblem]);
  }

  let phase: 'starting' | 'serving' | 'draining' = 'starting';
  const webhook = createWebhook({
    ...deps,
    certificate: source.current(),
    isDraining: () => phase === 'draining',
    ...(clientCas && { callers: { clientCas: clientCas.current, names: config.clientNames ?? [] } }),
  });
  const renew = () => useCertificate(webhook, source.current(), clientCas?.current().certificates);
  source.onRenewal(renew);
  clientCas?.onChange(renew);
  const readiness = () => checkReadiness({ phase, source, clientCas, versions, namespaces }, new Date());
  const operations = createOperations({ ...deps, readiness });
  const close = () => Promise.all([webhook.close(), operations.close()]);

  const { listenAddress, listenPort, metricsListenPort } = config;
  const webhookPort = await listen(webhook, listenAddress, listenPort, 'CLOCKOUT_LISTEN_PORT');
  const metricsPort = await listen(operations, listenAddress, metricsListenPort, 'CLOCKOUT_METRICS_LISTEN_PORT');
  if (!webhookPort.ok || !metricsPort.ok) {
    closeSources();
    await close();
    return fail([webhookPort, metricsPort].flatMap((port) => (port.ok ? [] : [port.problem])));
  }
  phase = 'serving';

  const stop = async (drainMilliseconds: number) => {
    phase = 'draining';
    await sleep(drainMilliseconds);
    closeSources();
    await Promise.race([close(), sleep(closeMilliseconds, undefined, { ref: false })]);
    webhook.server.closeAllConnections();
    operations.server.closeAllConnections();
  };
  return ok({ webhookUrl: `${webhookPort.value.url}/mutate`, metricsUrl: `${metricsPort.value.url}/metrics`, stop });
}

// --- internal ---

/** Longer than any review takes; connections that are open after that are cut. */
const closeMilliseconds = 5000;

async function writeCaOut(file: string | undefined, ca: string | undefined): Promise<string | undefined> {
  if (!file || !ca) return undefined;
  try {
    await writeCa(file, ca);
    return undefined;
  } catch (error) {
    return `Cannot write the CA to ${file} (${readErrorCode(error)}).`;
  }
}
