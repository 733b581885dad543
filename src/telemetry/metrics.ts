/**
 * The metrics. No label is a pod's name, because their number has no bound; namespaces are counted up to a bound, if at all.
 * @see https://prometheus.io/docs/practices/naming/
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { listRepaired, type Outcome, readReason } from '../admission/outcome.ts';
import type { Treatment } from '../admission/treatment.ts';
import { reasons, type SkipReason } from '../decide/reasons.ts';
import type { Plan } from '../inject/plan.ts';
import { proxyContainerName } from '../pod/names.ts';
import { knownSidecars } from '../pod/sidecars/find-known.ts';
import { boundNamespaces, createNamespaceLabel } from './metric-namespaces.ts';

const outcomes = ['patched', 'complete', 'skipped', 'refused', 'observed', 'invalid', 'failed'] as const;

/** What would have been done to an observed pod; the others are the reasons to skip it. */
const decisions = ['wrap', 'native', 'repair', 'none'] as const;

type Decision = (typeof decisions)[number] | SkipReason;

const certificateEvents = ['renewed', 'repaired', 'failed'] as const;

const versionReads = ['read', 'failed'] as const;

const sweepOutcomes = ['completed', 'failed'] as const;
const eventResults = ['written', 'known', 'refused', 'failed', 'dropped'] as const;

const nodes = ['new', 'old', 'unknown'] as const;

const entrypoints = ['pod', 'annotation', 'image'] as const;

/** Outcomes of a lookup that succeeded. The others are the kinds of problems. */
const lookupAnswers = ['cached', 'current', 'pulled'] as const;

/** Half a millisecond is a usual review; five seconds are the webhook's own timeout. */
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Every metric, as Prometheus and the table in docs/configuration.md show it. */
export const metricTable = {
  reviews: {
    name: 'clockout_admission_reviews_total',
    help: 'Requests to the webhook, by outcome: patched, complete (the pod is wrapped already), skipped, refused, observed, invalid (4xx), failed (5xx). The API server can ask twice about a pod.',
    labelNames: ['outcome'],
  },
  skipped: {
    name: 'clockout_skipped_pods_total',
    help: 'Pods skipped or refused, by reason. Each pod counts once. Neither dry runs nor observed pods count here.',
    labelNames: ['reason'],
  },
  skippedIn: {
    name: 'clockout_namespace_skipped_pods_total',
    help: 'The same by namespace, if CLOCKOUT_METRICS_NAMESPACES is more than 0. The job_namespace _other stands for all further namespaces.',
    labelNames: ['job_namespace', 'reason'],
  },
  observed: {
    name: 'clockout_observed_pods_total',
    help: 'Pods that Clockout only observed, each once, by what it would have done: wrap, native, repair, none (nothing left to do), or the reason why it would have skipped or refused the pod.',
    labelNames: ['decision'],
  },
  wrapped: {
    name: 'clockout_wrapped_containers_total',
    help: 'Containers wrapped, by the source of their entrypoint: pod, annotation, image.',
    labelNames: ['entrypoint'],
  },
  converted: {
    name: 'clockout_converted_pods_total',
    help: 'Pods whose sidecars Clockout made native (strategy native or auto), by what was known of the nodes: new (all run 1.29 or newer), old, unknown. With auto, it is always new.',
    labelNames: ['nodes'],
  },
  asked: {
    name: 'clockout_asked_pods_total',
    help: 'Pods for which Clockout asked Istio for a native sidecar, before Istio was called (chart value native.askIstio).',
    labelNames: [],
  },
  repaired: {
    name: 'clockout_repaired_pods_total',
    help: 'Native sidecars whose restartPolicy another webhook dropped and Clockout restored, by name. Names that Clockout does not know count as other.',
    labelNames: ['sidecar'],
  },
  duration: {
    name: 'clockout_admission_duration_seconds',
    help: 'Histogram of the time from a request to the webhook to the end of its answer.',
    buckets: durationBuckets,
  },
  lookups: {
    name: 'clockout_registry_lookups_total',
    help: 'Lookups for pods and for the warm-up, one for each pod and image, by outcome: cached, current (the tag still points to the cached image), pulled, or why the lookup failed.',
    labelNames: ['outcome'],
  },
  requests: {
    name: 'clockout_registry_requests_total',
    help: 'Lookups that sent requests to a registry, by outcome. A lookup counts once, even if it is for several containers.',
    labelNames: ['outcome'],
  },
  lookupDuration: {
    name: 'clockout_registry_lookup_duration_seconds',
    help: 'Histogram of the time that containers waited for lookups that the cache could not answer.',
    buckets: durationBuckets,
  },
  certificateExpiry: {
    name: 'clockout_certificate_expiry_timestamp_seconds',
    help: "When the webhook's certificate expires, in seconds since 1970.",
  },
  certificates: {
    name: 'clockout_certificate_events_total',
    help: 'Certificate events: certificates renewed, caBundles repaired, and attempts at either that failed.',
    labelNames: ['event'],
  },
  oldestKubelet: {
    name: 'clockout_oldest_kubelet_minor_version',
    help: 'Minor version of the oldest kubelet, such as 33, by which the strategy auto decides. The metric is missing while the version is not known.',
  },
  versionsRead: {
    name: 'clockout_cluster_versions_read_timestamp_seconds',
    help: 'When Clockout last read a version of the cluster from the API server, in seconds since 1970. It is missing before that.',
  },
  versionReads: {
    name: 'clockout_cluster_version_reads_total',
    help: 'Requests for the versions of the API server and of the nodes, by outcome: read, failed.',
    labelNames: ['outcome'],
  },
  hanging: {
    name: 'clockout_hanging_pods',
    help: 'Pods of Jobs whose apps have all ended, whose classic Istio sidecar still runs, and that Clockout has not changed, by namespace, as counted last (chart value sweep.minutes). Each replica counts them all: take the maximum over the replicas. The namespace _other stands for all beyond the 100 with the most.',
    labelNames: ['job_namespace'],
  },
  swept: {
    name: 'clockout_sweep_timestamp_seconds',
    help: 'When these pods were counted last, in seconds since 1970. It is missing before that.',
  },
  sweeps: {
    name: 'clockout_sweeps_total',
    help: 'Attempts to count these pods, by outcome: completed, failed.',
    labelNames: ['outcome'],
  },
  events: {
    name: 'clockout_events_total',
    help: 'Events on the owners of pods (setting events), by outcome: written, known (another replica has written it), refused (Clockout does not have the right), failed, dropped (too many).',
    labelNames: ['outcome'],
  },
  build: {
    name: 'clockout_build_info',
    help: 'Always 1; the labels are the versions of Clockout and Node.js.',
    labelNames: ['version', 'node'],
  },
} as const;

export type Metrics = ReturnType<typeof createMetrics>;

/** Each server has its own registry, so that two servers in one process (in tests) don't share any metrics. */
export function createMetrics(build: {
  version: string;
  certificateExpiry: () => Date;
  /** In how many namespaces skipped pods are counted by the namespace's name; 0 by default. */
  namespaces?: number;
}) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const reviews = new Counter({ ...metricTable.reviews, registers });
  const skipped = new Counter({ ...metricTable.skipped, registers });
  const observed = new Counter({ ...metricTable.observed, registers });
  const wrapped = new Counter({ ...metricTable.wrapped, registers });
  const converted = new Counter({ ...metricTable.converted, registers });
  const asked = new Counter({ ...metricTable.asked, registers });
  const repaired = new Counter({ ...metricTable.repaired, registers });
  const duration = new Histogram({ ...metricTable.duration, registers });
  const lookups = new Counter({ ...metricTable.lookups, registers });
  const requests = new Counter({ ...metricTable.requests, registers });
  const lookupDuration = new Histogram({ ...metricTable.lookupDuration, registers });
  const certificates = new Counter({ ...metricTable.certificates, registers });
  const oldestKubelet = new Gauge({ ...metricTable.oldestKubelet, registers });
  const versionsRead = new Gauge({ ...metricTable.versionsRead, registers });
  const versionRequests = new Counter({ ...metricTable.versionReads, registers });
  const hanging = new Gauge({ ...metricTable.hanging, registers });
  const swept = new Gauge({ ...metricTable.swept, registers });
  const sweeps = new Counter({ ...metricTable.sweeps, registers });
  const events = new Counter({ ...metricTable.events, registers });
  new Gauge({ ...metricTable.build, registers }).set({ version: build.version, node: process.versions.node }, 1);
  new Gauge({
    ...metricTable.certificateExpiry,
    registers,
    collect() {
      this.set(build.certificateExpiry().getTime() / 1000);
    },
  });

  // Each row starts at 0, so that a rate also counts its first event.
  for (const outcome of outcomes) reviews.inc({ outcome }, 0);
  for (const reason of Object.keys(reasons)) skipped.inc({ reason }, 0);
  for (const decision of [...decisions, ...Object.keys(reasons)]) observed.inc({ decision }, 0);
  for (const event of certificateEvents) certificates.inc({ event }, 0);
  for (const entrypoint of entrypoints) wrapped.inc({ entrypoint }, 0);
  for (const each of nodes) converted.inc({ nodes: each }, 0);
  for (const sidecar of [proxyContainerName, 'other']) repaired.inc({ sidecar }, 0);
  for (const outcome of lookupAnswers) lookups.inc({ outcome }, 0);
  for (const outcome of versionReads) versionRequests.inc({ outcome }, 0);
  for (const outcome of eventResults) events.inc({ outcome }, 0);
  for (const outcome of sweepOutcomes) sweeps.inc({ outcome }, 0);
  // A gauge begins with 0, which would be a version or a time.
  for (const gauge of [oldestKubelet, versionsRead, swept]) gauge.remove();

  const skippedIn = new Counter({ ...metricTable.skippedIn, registers });
  const toNamespaceLabel = createNamespaceLabel(build.namespaces ?? 0);

  const countPlan = (plan: Plan) => {
    if (plan.strategy === 'native') converted.inc({ nodes: plan.nodes });
    if (plan.strategy !== 'wrap') return;
    for (const { entrypoint } of plan.containers) wrapped.inc({ entrypoint: entrypoint.source });
  };

  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    observeDuration: (milliseconds: number) => duration.observe(milliseconds / 1000),
    /** For a request without an outcome: it was not an admission review, or Clockout failed. */
    countUnanswered: (outcome: 'invalid' | 'failed') => reviews.inc({ outcome }),
    countAsked: () => asked.inc(),
    countCertificate: (event: (typeof certificateEvents)[number]) => certificates.inc({ event }),
    /** `outcome` is one of a few dozen words of Clockout's own, never text from outside. */
    countLookup: ({ outcome, milliseconds }: { outcome: string; milliseconds: number }) => {
      lookups.inc({ outcome });
      if (outcome !== 'cached') lookupDuration.observe(milliseconds / 1000);
    },
    countRegistryRequest: ({ outcome }: { outcome: string }) => requests.inc({ outcome }),
    countVersionRead: (outcome: (typeof versionReads)[number]) => {
      versionRequests.inc({ outcome });
      if (outcome === 'read') versionsRead.setToCurrentTime();
    },
    countFailedSweep: () => sweeps.inc({ outcome: 'failed' }),
    /** @param pods by namespace */
    setHanging: (pods: ReadonlyMap<string, number>) => {
      hanging.reset();
      for (const [namespace, count] of boundNamespaces(pods)) hanging.set({ job_namespace: namespace }, count);
      swept.setToCurrentTime();
      sweeps.inc({ outcome: 'completed' });
    },
    setOldestKubelet: (minor: number | undefined) => {
      if (minor === undefined) oldestKubelet.remove();
      else oldestKubelet.set(minor);
    },
    countEvent: (outcome: (typeof eventResults)[number]) => events.inc({ outcome }),
    countReview: (outcome: Outcome, treatment: Treatment) =>
      reviews.inc({ outcome: treatment === 'admitted' ? outcome.kind : treatment }),
    /** Also if the API server asks again: a webhook after Clockout may have dropped what the first answer set. */
    countRepairs: (outcome: Outcome, treatment: Treatment) => {
      if (treatment !== 'admitted') return;
      for (const name of listRepaired(outcome)) repaired.inc({ sidecar: toLabel(name) });
    },
    /** Once for each pod, however often the API server asks about it. */
    countPod: (outcome: Outcome, treatment: Treatment, namespace = '') => {
      if (treatment === 'observed') return observed.inc({ decision: readDecision(outcome) });
      const reason = readReason(outcome);
      if (reason !== undefined) {
        skipped.inc({ reason });
        const label = toNamespaceLabel(namespace);
        if (label !== undefined) skippedIn.inc({ job_namespace: label, reason });
      }
      if (outcome.kind === 'patched' && treatment === 'admitted') countPlan(outcome.plan);
    },
  };
}

// --- internal ---

function readDecision(outcome: Outcome): Decision {
  if (outcome.kind === 'skipped') return outcome.reason;
  if (outcome.kind === 'complete') return 'none';
  return outcome.plan.strategy === 'none' ? 'repair' : outcome.plan.strategy;
}

/** A name from the table of sidecars, never another text of a pod. */
const toLabel = (name: string) => (knownNames.has(name) ? name : 'other');

const knownNames: ReadonlySet<string> = new Set(knownSidecars.flatMap(({ names }) => names));
