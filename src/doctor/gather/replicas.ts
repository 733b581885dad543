/** Asks each replica itself: which certificate it presents, whether it is ready, and which version it is. */
import { type IncomingMessage, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiProblem } from '../../kubernetes/api/problem.ts';
import { openPort } from '../../kubernetes/streams/port-forward.ts';
import { readErrorMessage } from '../../util/errors.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';
import type { Known, PodFacts, ReplicaFacts, ServedCertificate } from '../facts.ts';

/** How to get a connection to a port of a replica. */
type OpenPort = (port: number) => Promise<Result<Duplex, ApiProblem>>;

export type Replica = { pod: string; open: OpenPort; webhookPort: number; metricsPort: number };

/** Replicas that are asked: the others would say the same. */
const mostReplicas = 5;

/** Through the API server. */
export const listReplicas = (config: KubeConfig, namespace: string, pods: readonly PodFacts[]): Replica[] =>
  pods
    .filter(({ waiting }) => waiting === undefined)
    .slice(0, mostReplicas)
    .map(({ name, ports }) => ({
      pod: name,
      open: (port) => openPort(config, { namespace, name, port }, patienceMilliseconds, maxBytes),
      webhookPort: ports.find((each) => each.name === 'webhook')?.port ?? 8443,
      metricsPort: ports.find((each) => each.name === 'metrics')?.port ?? 9090,
    }));

/** The one in whose pod this program runs. */
export const thisReplica = (webhookPort: number, metricsPort: number): Replica => ({
  pod: 'this pod',
  open: async (port) => ok(connectTcp({ port, host: 'localhost' })),
  webhookPort,
  metricsPort,
});

/**
 * @param host by which the API server calls it
 * @param caBundle in PEM; undefined: it is not known, and nothing is said about trust
 */
export async function askReplica(replica: Replica, host: string, caBundle: string | undefined): Promise<ReplicaFacts> {
  const { pod, open, webhookPort, metricsPort } = replica;
  const [certificate, readiness, version] = await Promise.all([
    use(open, webhookPort, (stream) => readCertificate(stream, host, caBundle)),
    use(open, metricsPort, (stream) => readPage(stream, '/readyz')),
    askVersion(replica),
  ]);
  return {
    pod,
    certificate,
    readiness: readiness.ok
      ? ok({ isReady: readiness.value.status === 200, says: shortened(readiness.value.text.trim(), 400) })
      : readiness,
    version,
  };
}

/** The version of a replica, as its metrics have it. */
export async function askVersion({ open, metricsPort }: Replica): Promise<Known<string>> {
  const metrics = await use(open, metricsPort, (stream) => readPage(stream, '/metrics'));
  return metrics.ok ? readVersion(metrics.value.text) : metrics;
}

// --- internal ---

const patienceMilliseconds = 10_000;

/** The metrics are about 40 KB. */
const maxBytes = 1024 * 1024;

async function use<T>(open: OpenPort, port: number, ask: (stream: Duplex) => Promise<T>): Promise<Known<T>> {
  const opened = await open(port);
  if (!opened.ok) return opened;
  const stream = opened.value;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('it did not answer in time')), patienceMilliseconds);
    });
    const failed = new Promise<never>((_resolve, reject) => {
      stream.once('error', reject);
      stream.once('close', () => reject(new Error('it closed the connection')));
    });
    return ok(await Promise.race([ask(stream), late, failed]));
  } catch (error) {
    const message = `the replica does not answer at port ${port} (${shortened(readErrorMessage(error), 300)})`;
    return fail({ kind: 'unreachable', message });
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

function readCertificate(socket: Duplex, servername: string, caBundle: string | undefined): Promise<ServedCertificate> {
  return new Promise((resolve, reject) => {
    const ca = caBundle?.includes('BEGIN CERTIFICATE') ? caBundle : [];
    // It is judged, not trusted: nothing is sent.
    const tls = connectTls({ socket, servername, ca, rejectUnauthorized: false }, () => {
      const certificate = tls.getPeerX509Certificate();
      if (!certificate) return reject(new Error('it presents no certificate'));
      resolve({
        problem: tls.authorized || caBundle === undefined ? undefined : String(tls.authorizationError),
        notBefore: Date.parse(certificate.validFrom),
        notAfter: Date.parse(certificate.validTo),
        names: (certificate.subjectAltName ?? '').split(', ').map((each) => each.replace(/^(DNS|IP Address):/, '')),
      });
      tls.destroy();
    });
    tls.once('error', reject);
  });
}

function readPage(stream: Duplex, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const read = async (response: IncomingMessage) => {
      let text = '';
      for await (const chunk of response) {
        text += chunk;
        if (text.length > maxBytes) throw new Error('its answer is too large');
      }
      resolve({ status: response.statusCode ?? 0, text });
    };
    request({ path, host: 'localhost', createConnection: () => stream }, (response) => {
      read(response).catch(reject);
    })
      .once('error', reject)
      .end();
  });
}

function readVersion(metrics: string): Known<string> {
  const line = metrics.split('\n').find((each) => each.startsWith('clockout_build_info{'));
  const version = /[{,]version="([^"]{1,100})"/.exec(line ?? '')?.[1];
  return version === undefined
    ? fail({ kind: 'refused', message: "the replica's metrics do not have its version" })
    : ok(version);
}
