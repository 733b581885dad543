/**
 * Reads an image with one credential: from memory where that may be, else from its registry, and then once for all pods of
 * a namespace that ask at the same time.
 */

import type { Credential } from '../../oci/credentials/credential.ts';
import type { Platform } from '../../oci/platform.ts';
import type { RegistryProblem } from '../../oci/problem.ts';
import type { PulledConfig } from '../../oci/pull-config.ts';
import type { Reference } from '../../oci/reference.ts';
import type { Budget } from '../../util/budget.ts';
import { startDeadline } from '../../util/deadline.ts';
import type { Leave } from '../../util/shares.ts';
import { makeSingleFlight } from '../../util/single-flight.ts';
import { unlessAborted } from '../../util/unless-aborted.ts';
import { makeLimiter } from '../limiter.ts';
import type { LookupProblem } from '../lookup-problem.ts';
import { type MemorySettings, makeMemory, type Question, type Remembered } from './memory.ts';

export type PullSettings = MemorySettings & {
  /** How long a registry may take in all, so that the answer is in the cache even if the pod could not wait for it. */
  backgroundMilliseconds: number;
  /** Lookups underway at a time; one namespace has half of them. */
  perRegistryConcurrency: number;
};

/** On behalf of which namespace, and as whom. */
export type CallOptions = { namespace: string; credential?: Credential; budget: Budget };

/** What is asked of registries. Each ends with its budget's signal. */
export type RegistryCalls = {
  /** Manifest and config. */
  pull: (
    reference: Reference,
    options: CallOptions & { platforms: readonly Platform[] },
  ) => Promise<({ ok: true } & PulledConfig) | { ok: false; problem: RegistryProblem }>;
  /** What a tag points to. */
  resolve: (
    reference: Reference,
    options: CallOptions,
  ) => Promise<{ ok: true; digest: string } | { ok: false; problem: RegistryProblem }>;
};

/** What a registry was asked, for any number of pods: the image, or whether what is known of it is current; or what went wrong. */
export type RegistryEvent = {
  registry: string;
  outcome: 'pulled' | 'current' | RegistryProblem['kind'];
  milliseconds: number;
};

type Found = { ok: true; outcome: 'cached' | 'current' | 'pulled' } & PulledConfig;
type Answer = Found | { ok: false; problem: LookupProblem };

type CachedPull = {
  /** What needs no asking. */
  recall: () => Found | undefined;
  /** Ends with the budget. What is underway by then goes on, for the others who wait, and for the next one. */
  ask: (budget: Budget) => Promise<Answer>;
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
 * What went wrong is not asked for again within negativeTtl. That a pod had no time left is not among that: the registry
 * may still answer, and then the next pod finds it.
 * @param now in milliseconds
 */
export function makeCachedPull(
  registries: RegistryCalls,
  settings: PullSettings,
  now: () => number,
  onAsked: (event: RegistryEvent) => void,
): (question: Question) => CachedPull {
  const memory = makeMemory(settings, now);
  const fly = makeSingleFlight<Answer>();
  const enter = makeEnter(settings.perRegistryConcurrency, now);
  let told = 0;

  const recall = (remembered: Remembered): Answer | undefined => {
    const known = remembered.recall();
    if (known?.isFresh) return { ok: true, outcome: 'cached', ...known.config };
    const problem = remembered.failure();
    return problem && { ok: false, problem };
  };

  const ask = async (question: Question, remembered: Remembered, budget: Budget): Promise<Answer> => {
    const { registry } = question.reference;
    const toldBefore = told;
    const entered = await enter(question, budget);
    if (!entered.ok) return entered;
    const { leave, taken } = entered;
    // Another namespace may have been told the same meanwhile.
    const known = told > toldBefore ? recall(remembered) : undefined;
    if (known) {
      leave();
      return known;
    }
    const began = now();
    const bound = startDeadline(Math.max(settings.backgroundMilliseconds, budget.remaining()));
    try {
      // Whether to try again goes by the time that the pod has; only what has been begun may take longer.
      const signal = AbortSignal.any([bound.signal, taken]);
      const answer = await read(registries, question, remembered, { ...budget, signal });
      if (!answer.ok && taken.aborted) return { ok: false, problem: tooMany };
      if (!answer.ok) remembered.fail(answer.problem);
      told++;
      onAsked({ registry, outcome: answer.ok ? answer.outcome : answer.problem.kind, milliseconds: now() - began });
      return answer;
    } finally {
      bound.stop();
      leave();
    }
  };

  return (question) => {
    const remembered = memory(question);
    // Each namespace asks by itself: what it waits for are its own places, and another's may all be taken.
    const key = `${question.namespace} ${remembered.key}`;
    return {
      recall: () => {
        const known = recall(remembered);
        return known?.ok ? known : undefined;
      },
      ask: async (budget) => {
        const known = recall(remembered);
        if (known) return known;
        const flight = fly(key, () => ask(question, remembered, budget));
        const late: Answer = { ok: false, problem: { kind: 'timeout', address: question.reference.registry } };
        return (await unlessAborted(flight, budget.signal)) ?? late;
      },
    };
  };
}

// --- internal ---

/** Lookups underway at a time, of all namespaces, and of one. Each may have four connections, of about 60 KiB. */
const replica = { places: 64, share: 16 };

const tooMany: LookupProblem = { kind: 'too-many-lookups', ...replica };

/** `taken`: the place was given to a namespace that had fewer. */
type Entered = { ok: true; leave: Leave; taken: AbortSignal } | { ok: false; problem: LookupProblem };

/**
 * Waits for a place at the registry, and then for one of the replica's: in this order, or those that wait for a registry
 * that is down would keep others from registries that are not.
 */
function makeEnter(perRegistry: number, now: () => number) {
  const enterRegistry = makeLimiter({ places: perRegistry, share: Math.ceil(perRegistry / 2) }, now);
  const enterReplica = makeLimiter(replica, now);

  return async ({ namespace, reference: { registry } }: Question, budget: Budget): Promise<Entered> => {
    const taken = new AbortController();
    const onTaken = () => taken.abort();
    const leaveRegistry = await enterRegistry(registry, namespace, budget.remaining(), onTaken);
    if (!leaveRegistry) return { ok: false, problem: { kind: 'busy', registry } };
    const leaveReplica = await enterReplica('', namespace, budget.remaining(), onTaken);
    if (!leaveReplica) {
      leaveRegistry();
      return { ok: false, problem: tooMany };
    }
    const leave = () => {
      leaveReplica();
      leaveRegistry();
    };
    return { ok: true, leave, taken: taken.signal };
  };
}

type ReadAnswer =
  | ({ ok: true; outcome: 'current' | 'pulled' } & PulledConfig)
  | { ok: false; problem: RegistryProblem };

async function read(
  { pull, resolve }: RegistryCalls,
  { namespace, reference, credential, platforms }: Question,
  remembered: Remembered,
  budget: Budget,
): Promise<ReadAnswer> {
  const options = { namespace, budget, ...(credential && { credential }) };
  if (!reference.digest && remembered.recall()) {
    const resolved = await resolve(reference, options);
    if (!resolved.ok) return resolved;
    const config = remembered.confirm(resolved.digest);
    if (config) return { ok: true, outcome: 'current', ...config };
  }
  const pulled = await pull(reference, { ...options, platforms });
  if (!pulled.ok) return pulled;
  const { ok, ...config } = pulled;
  remembered.keep(config);
  return { ok, outcome: 'pulled', ...config };
}
