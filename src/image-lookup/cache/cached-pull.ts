/**
 * Reads an image with one credential: from memory if that is fresh, else from its registry, once for all pods of a namespace
 * that need it at the same time.
 */
import type { Credential } from '../../oci/credentials/credential.ts';
import type { Platform } from '../../oci/platform.ts';
import type { RegistryProblem, RegistryResult } from '../../oci/problem.ts';
import type { PulledConfig } from '../../oci/pull-config.ts';
import type { Reference } from '../../oci/reference.ts';
import { unlessAborted } from '../../util/abort.ts';
import { type Deadline, startDeadline } from '../../util/deadline.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { createSingleFlight } from '../../util/single-flight.ts';
import type { LookupProblem } from '../problem.ts';
import { createEnter, tooManyLookups } from './lookup-limits.ts';
import { createMemory, type ImageQuery, type MemorySettings, type Remembered } from './memory.ts';

export type PullSettings = MemorySettings & {
  /** How long a lookup may take in all: the answer reaches the cache even if the pod could not wait for it. */
  backgroundMilliseconds: number;
  /** Lookups underway at a time; one namespace has at most half of them. */
  perRegistryConcurrency: number;
};

/** For which namespace, and with which credential. */
export type CallOptions = { namespace: string; credential?: Credential; deadline: Deadline };

/** Requests to registries. Each ends with its deadline's signal. */
export type RegistryCalls = {
  /** Manifest and config. */
  pull: (
    reference: Reference,
    options: CallOptions & { platforms: readonly Platform[] },
  ) => Promise<RegistryResult<PulledConfig>>;
  /** The digest that a tag points to. */
  resolve: (reference: Reference, options: CallOptions) => Promise<RegistryResult<string>>;
};

/** One lookup at a registry, for any number of pods: it read the image, or found the cache current, or failed. */
export type RegistryEvent = {
  registry: string;
  outcome: 'pulled' | 'current' | RegistryProblem['kind'];
  milliseconds: number;
};

type Read = { outcome: 'current' | 'pulled' } & PulledConfig;
type Found = Read | ({ outcome: 'cached' } & PulledConfig);
type Answer = Result<Found, LookupProblem>;

type CachedPull = {
  /** From memory only. */
  recall: () => Found | undefined;
  /** Ends with the deadline. What is underway by then goes on, for others who wait and for the next pod. */
  ask: (deadline: Deadline) => Promise<Answer>;
};

/**
 * | the image is named by | and known                       | its registry is asked |
 * |-----------------------|---------------------------------|-----------------------|
 * | a tag                 | for less than tagTtl            | nothing |
 * | a tag                 | for longer, or is pulled always | what the tag points to; for the image only if that is new |
 * | a digest              | for less than digestTtl         | nothing |
 * | a digest              | for longer                      | for the image |
 * | either                | not at all                      | for the image |
 *
 * A failure is not asked for again within negativeTtl. That a pod had no time left is not a failure: the registry may still
 * answer, and then the next pod finds it.
 * @param now in milliseconds
 */
export function createCachedPull(
  registries: RegistryCalls,
  settings: PullSettings,
  now: () => number,
  onAsked: (event: RegistryEvent) => void,
): (query: ImageQuery) => CachedPull {
  const memory = createMemory(settings, now);
  const fly = createSingleFlight<Answer>();
  const enter = createEnter(settings.perRegistryConcurrency, now);
  let answers = 0;

  const recall = (remembered: Remembered): Answer | undefined => {
    const known = remembered.recall();
    if (known?.isFresh) return ok({ outcome: 'cached', ...known.config });
    const problem = remembered.failure();
    return problem && fail(problem);
  };

  const ask = async (query: ImageQuery, remembered: Remembered, deadline: Deadline): Promise<Answer> => {
    const { registry } = query.reference;
    const answersBefore = answers;
    const entered = await enter(query, deadline);
    if (!entered.ok) return entered;
    const { leave, taken } = entered.value;
    // The answer may have come for another namespace meanwhile.
    const known = answers > answersBefore ? recall(remembered) : undefined;
    if (known) {
      leave();
      return known;
    }
    const began = now();
    const bound = startDeadline(Math.max(settings.backgroundMilliseconds, deadline.remaining()));
    try {
      // The pod's time decides whether to try again; only what has begun may take longer.
      const signal = AbortSignal.any([bound.signal, taken]);
      const answer = await read(registries, query, remembered, { ...deadline, signal });
      if (!answer.ok && taken.aborted) return fail(tooManyLookups);
      if (!answer.ok) remembered.fail(answer.problem);
      answers++;
      onAsked({
        registry,
        outcome: answer.ok ? answer.value.outcome : answer.problem.kind,
        milliseconds: now() - began,
      });
      return answer;
    } finally {
      bound.stop();
      leave();
    }
  };

  return (query) => {
    const remembered = memory(query);
    // Each namespace asks by itself, because it waits for its own places, and another's may all be taken.
    const key = `${query.namespace} ${remembered.key}`;
    return {
      recall: () => {
        const known = recall(remembered);
        return known?.ok ? known.value : undefined;
      },
      ask: async (deadline) => {
        const known = recall(remembered);
        if (known) return known;
        const flight = fly(key, () => ask(query, remembered, deadline));
        const late: Answer = fail({ kind: 'timeout', address: query.reference.registry });
        return (await unlessAborted(flight, deadline.signal)) ?? late;
      },
    };
  };
}

// --- internal ---

async function read(
  { pull, resolve }: RegistryCalls,
  { namespace, reference, credential, platforms }: ImageQuery,
  remembered: Remembered,
  deadline: Deadline,
): Promise<RegistryResult<Read>> {
  const options = { namespace, deadline, ...(credential && { credential }) };
  if (!reference.digest && remembered.recall()) {
    const resolved = await resolve(reference, options);
    if (!resolved.ok) return resolved;
    const config = remembered.confirm(resolved.value);
    if (config) return ok({ outcome: 'current', ...config });
  }
  const pulled = await pull(reference, { ...options, platforms });
  if (!pulled.ok) return pulled;
  remembered.keep(pulled.value);
  return ok({ outcome: 'pulled', ...pulled.value });
}
