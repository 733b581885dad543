/**
 * Holds Events back until they are written, one after the other and not too fast. Each is offered once an hour at most, namespaces
 * take turns, and what does not fit is dropped: no pod waits for an Event.
 */
import { LRUCache } from 'lru-cache';
import type { Offer, PodEvent } from './pod-event.ts';

/** `known`: it is there already, by another replica. `refused`: Clockout does not have the right. */
export type Written = 'written' | 'known' | 'refused' | 'failed';

export type EventQueue = { offer: (offer: Offer) => void; stop: () => void };

type Options = {
  /** Must not throw. */
  write: (event: PodEvent, key: string) => Promise<Written>;
  onResult: (result: Written | 'dropped') => void;
  /** In milliseconds. */
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
};

export const bounds = { events: 500, eventsOfNamespace: 20, perSecond: 5, burst: 25 } as const;

const beginMilliseconds = 20;

const hour = 60 * 60_000;

/** An administrator does not add a right twice a minute. */
const refusedMilliseconds = 5 * 60_000;

export function createEventQueue({ write, onResult, now, sleep }: Options): EventQueue {
  const offered = new LRUCache<string, number>({ max: 10_000 });
  /** Those that wait, by namespace; the first namespace is next. */
  const waiting = new Map<string, Offer[]>();
  let count = 0;
  let isRunning = false;
  let isStopped = false;
  let refusedUntil = Number.NEGATIVE_INFINITY;
  const takeToken = createTokens(now);

  const takeNext = (): Offer | undefined => {
    const [next] = waiting;
    if (!next) return undefined;
    const [namespace, line] = next;
    waiting.delete(namespace);
    const first = line.shift();
    if (line.length > 0) waiting.set(namespace, line);
    count--;
    return first;
  };

  const isRefused = () => now() < refusedUntil;

  const writeOne = async ({ key, make }: Offer) => {
    const result = isRefused() ? 'dropped' : await write(make(), key);
    if (result === 'refused') refusedUntil = now() + refusedMilliseconds;
    // Another pod may bring it again.
    if (result !== 'written' && result !== 'known') offered.delete(key);
    onResult(result);
  };

  const run = async () => {
    isRunning = true;
    // First the answer to the API server.
    await sleep(beginMilliseconds);
    for (let next = takeNext(); next && !isStopped; next = takeNext()) {
      await sleep(takeToken());
      await writeOne(next);
    }
    isRunning = false;
  };

  return {
    offer: (offer) => {
      const { key, namespace } = offer;
      if (isStopped || now() - (offered.get(key) ?? Number.NEGATIVE_INFINITY) < hour) return;
      const line = waiting.get(namespace) ?? [];
      if (count >= bounds.events || line.length >= bounds.eventsOfNamespace || isRefused()) return onResult('dropped');
      offered.set(key, now());
      line.push(offer);
      waiting.set(namespace, line);
      count++;
      if (!isRunning) void run();
    },
    stop: () => {
      isStopped = true;
    },
  };
}

// --- internal ---

/** @returns a function that takes one of `burst` tokens, `perSecond` of which come back, and says for how long to wait first */
function createTokens(now: () => number): () => number {
  let tokens: number = bounds.burst;
  let at = now();
  return () => {
    const time = now();
    tokens = Math.min(bounds.burst, tokens + ((time - at) / 1000) * bounds.perSecond) - 1;
    at = time;
    return tokens >= 0 ? 0 : (-tokens / bounds.perSecond) * 1000;
  };
}
