/**
 * What Prometheus can ask. No label is a pod's name or namespace: their number has no bound.
 * @see https://prometheus.io/docs/practices/naming/
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Outcome } from '../admission/outcome.ts';
import { reasons } from '../decide/reasons.ts';

const outcomes = ['patched', 'complete', 'skipped', 'refused', 'invalid', 'failed'] as const;

const certificateEvents = ['renewed', 'repaired', 'failed'] as const;

const entrypoints = ['pod', 'annotation', 'image'] as const;

/** Of a lookup by a pod; the rest of them are the ways in which it had no answer. */
const lookupAnswers = ['cached', 'current', 'pulled'] as const;

/** Half a millisecond, a usual review, up to the webhook's own timeout. */
const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own for each server: two in one process (in tests) do not meet. */
export function createMetrics(build: { version: string; certificateExpiry: () => Date }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const reviews = new Counter({
    name: 'clockout_admission_reviews_total',
    help: 'Requests to the webhook, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const skipped = new Counter({
    name: 'clockout_skipped_pods_total',
    help: 'Pods left alone or refused, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const wrapped = new Counter({
    name: 'clockout_wrapped_containers_total',
    help: 'Containers wrapped, by where their entrypoint was learnt.',
    labelNames: ['entrypoint'],
    registers,
  });
  const duration = new Histogram({
    name: 'clockout_admission_duration_seconds',
    help: 'Time from a request to the webhook to the end of its answer.',
    buckets: durationBuckets,
    registers,
  });
  new Gauge({
    name: 'clockout_build_info',
    help: 'Always 1; its labels say what runs.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: build.version, node: process.versions.node }, 1);
  new Gauge({
    name: 'clockout_certificate_expiry_timestamp_seconds',
    help: "When the webhook's certificate ends, in seconds since 1970.",
    registers,
    collect() {
      this.set(build.certificateExpiry().getTime() / 1000);
    },
  });

  const certificates = new Counter({
    name: 'clockout_certificate_events_total',
    help: 'Certificates renewed, caBundles repaired, and attempts at either that failed.',
    labelNames: ['event'],
    registers,
  });

  const lookups = new Counter({
    name: 'clockout_registry_lookups_total',
    help: 'Lookups of what an image runs, one for each image of a pod that has a container without a command: from the cache, from the registry, or why not.',
    labelNames: ['outcome'],
    registers,
  });
  const requests = new Counter({
    name: 'clockout_registry_requests_total',
    help: 'Lookups that a registry was asked for; one may answer any number of containers.',
    labelNames: ['outcome'],
    registers,
  });
  const lookupDuration = new Histogram({
    name: 'clockout_registry_lookup_duration_seconds',
    help: 'How long containers waited for lookups that were not in the cache.',
    buckets: durationBuckets,
    registers,
  });

  // From the start each row is there with a 0, so that a rate sees the first of its kind, too.
  for (const outcome of outcomes) reviews.inc({ outcome }, 0);
  for (const reason of Object.keys(reasons)) skipped.inc({ reason }, 0);
  for (const event of certificateEvents) certificates.inc({ event }, 0);
  for (const entrypoint of entrypoints) wrapped.inc({ entrypoint }, 0);
  for (const outcome of lookupAnswers) lookups.inc({ outcome }, 0);

  return {
    contentType: registry.contentType,
    read: () => registry.metrics(),
    observeDuration: (milliseconds: number) => duration.observe(milliseconds / 1000),
    /** A request that came to no outcome: not a review, or a failure of our own. */
    countUnanswered: (outcome: 'invalid' | 'failed') => reviews.inc({ outcome }),
    countCertificate: (event: (typeof certificateEvents)[number]) => certificates.inc({ event }),
    /** `outcome` is one of a few dozen words of ours, never a text from outside. */
    countLookup: ({ outcome, milliseconds }: { outcome: string; milliseconds: number }) => {
      lookups.inc({ outcome });
      if (outcome !== 'cached') lookupDuration.observe(milliseconds / 1000);
    },
    countRegistryRequest: ({ outcome }: { outcome: string }) => requests.inc({ outcome }),
    countOutcome: (outcome: Outcome, refused: boolean) => {
      reviews.inc({ outcome: refused ? 'refused' : outcome.kind });
      if (outcome.kind === 'skipped') skipped.inc({ reason: outcome.reason });
      if (outcome.kind !== 'patched') return;
      for (const { entrypoint } of outcome.plan.containers) wrapped.inc({ entrypoint: entrypoint.source });
    },
  };
}
