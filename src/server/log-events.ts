/** What the certificate, the CA of callers, the lookup, the versions of the cluster and the sweep report while the server runs: a line in the log, and a count. */
import { type ClusterVersions, firstWithNative } from '../admission/admit.ts';
import type { ClientCaEvents } from '../certificates/files/client-ca.ts';
import type { CertificateEvents } from '../certificates/source.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type HangingPod, type Offer, toHangingOffer } from '../telemetry/pod-event.ts';

/** `failed` takes a sentence; what was known before stays in use. */
export type LookupEvents = {
  /** A pod has its answer. */
  answered: (event: { outcome: string; milliseconds: number }) => void;
  /** A registry was asked. */
  asked: (event: { registry: string; outcome: string; milliseconds: number }) => void;
  failed: (problem: string) => void;
};

/** As src/kubernetes/cluster-versions.ts tells them. */
export type VersionEvents = {
  read: () => void;
  changed: (versions: ClusterVersions, oldest: { name: string; version: string } | undefined) => void;
  failed: (problem: string) => void;
};

/** As src/sweep/sweep.ts tells them. */
export type SweepEvents = {
  swept: (hanging: ReadonlyMap<string, number>, pods: readonly HangingPod[], looked: number) => void;
  failed: (problem: string) => void;
};

export const logCertificateEvents = (logger: Logger, metrics: Metrics): CertificateEvents => ({
  renewed: ({ notAfter }) => {
    metrics.countCertificate('renewed');
    logger.info({ notAfter }, 'serving with a new certificate');
  },
  repaired: () => {
    metrics.countCertificate('repaired');
    logger.info('repaired the caBundle of the webhook configuration');
  },
  noticed: (sentence) => logger.warn({ problem: sentence }, 'something else changed the Secret of the CA'),
  failed: (problem) => {
    metrics.countCertificate('failed');
    logger.error({ problem }, 'could not renew the certificate or repair the caBundle');
  },
});

export const logClientCaEvents = (logger: Logger): ClientCaEvents => ({
  changed: () => logger.info('using the new client CAs'),
  failed: (problem) => logger.error({ problem }, 'could not read the new client CAs'),
});

export const logLookupEvents = (logger: Logger, metrics: Metrics): LookupEvents => ({
  answered: (event) => metrics.countLookup(event),
  asked: (event) => {
    metrics.countRegistryRequest(event);
    logger.debug(event, 'asked a registry for an entrypoint');
  },
  failed: (problem) => logger.error({ problem }, 'lookups are impaired'),
});

/** As src/kubernetes/namespace-defaults.ts tells them. */
export type NamespaceEvents = {
  ineffective: (namespace: string, problems: string[]) => void;
  failed: (problem: string) => void;
};

export const logNamespaceEvents = (logger: Logger): NamespaceEvents => ({
  ineffective: (namespace, problems) =>
    logger.warn(
      { namespace, problems },
      'annotations clockout.dev/… of a namespace have no effect; correct or remove them',
    ),
  failed: logOnce((problem) => logger.error({ problem }, 'could not read the annotations of namespaces')),
});

export const logEventProblems = (logger: Logger) => (problem: string) =>
  logger.error({ problem }, 'could not write an Event');

export function logVersionEvents(logger: Logger, metrics: Metrics): VersionEvents {
  /** Logged once, and not each minute. */
  let lastProblem: string | undefined;
  return {
    read: () => {
      metrics.countVersionRead('read');
      lastProblem = undefined;
    },
    changed: ({ apiServer, oldestNode }, oldest) => {
      metrics.setOldestKubelet(oldestNode);
      const node = oldest && { node: oldest.name, kubelet: oldest.version };
      logger.info({ apiServer, oldestNode, ...node }, 'the versions of the cluster have changed');
      if (oldestNode !== undefined && oldestNode < firstWithNative)
        logger.warn({ oldestNode, ...node }, oldNodeWarning);
    },
    failed: (problem) => {
      metrics.countVersionRead('failed');
      if (problem !== lastProblem) logger.error({ problem }, 'could not read the versions of the cluster');
      lastProblem = problem;
    },
  };
}

/** @param offer takes an Event for each Job with a pod that hangs; left out if Clockout writes no Events */
export function logSweepEvents(logger: Logger, metrics: Metrics, offer?: (offer: Offer) => void): SweepEvents {
  /** Logged when it changes. Each other sweep is a line at level debug. */
  let last: string | undefined;
  return {
    swept: (hanging, pods, looked) => {
      metrics.setHanging(hanging);
      const largest = [...hanging].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, mostNamespaces);
      const counts = { pods: pods.length, namespaces: Object.fromEntries(largest) };
      const line = { looked, ...counts, ...(hanging.size > mostNamespaces && { allNamespaces: hanging.size }) };
      const found = JSON.stringify(counts);
      if (found === last) logger.debug(line, 'counted the pods that hang: nothing has changed');
      else if (pods.length === 0) logger.info(line, 'counted the pods that hang: there are none');
      else logger.warn(line, 'pods hang that Clockout has not changed');
      last = found;
      if (!offer) return;
      for (const hangs of pods.map(toHangingOffer)) if (hangs) offer(hangs);
    },
    failed: (problem) => {
      metrics.countFailedSweep();
      if (problem !== last) logger.error({ problem }, 'could not count the pods that hang');
      last = problem;
    },
  };
}

/** With the strategy native for the installation, nothing reads the nodes. */
export function logStrategy(logger: Logger, strategy: string): void {
  if (strategy === 'native') logger.warn({ strategy }, uncheckedNodesWarning);
}

// --- internal ---

/** A line names so many, those with the most pods that hang. */
const mostNamespaces = 20;

/** A problem that lasts is reported again and again. It is logged when it is new, or has not been reported for a while. */
function logOnce(log: (problem: string) => void): (problem: string) => void {
  let last = { problem: '', at: 0 };
  return (problem) => {
    const at = performance.now();
    if (problem !== last.problem || at - last.at > forgottenMilliseconds) log(problem);
    last = { problem, at };
  };
}

const forgottenMilliseconds = 10 * 60_000;

const oldNodeWarning = `a node is older than Kubernetes 1.${firstWithNative}: a pod with the strategy native that lands there fails or hangs; upgrade the node, or use the strategy wrap`;

const uncheckedNodesWarning = `the strategy native does not check the nodes: a pod that lands on one older than Kubernetes 1.${firstWithNative} fails or hangs; use the strategy auto if there may be such nodes`;
