/**
 * Watches for as long as it is asked to. A watch ends all the time (an idle connection, an API server that restarts, a
 * version that is too old); this begins anew each time, and more slowly while that fails.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { setTimeout } from 'node:timers/promises';
import { type KubeConfig, Watch } from '@kubernetes/client-node';

export type Following = { stop: () => void };

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export type WatchOptions<T> = {
  /** Of a list, such as `/api/v1/namespaces/a/secrets`. */
  path: string;
  /** Asked for each watch; a failure is one of the watch. */
  query: () => Record<string, string> | Promise<Record<string, string>>;
  /** Must not throw: the library would keep it to itself. */
  onEvent: (type: EventType, object: T) => void;
  onError: (error: unknown) => void;
  /** How long a watch may say nothing before it is begun anew; the library's own 30 s if left out. */
  idleMilliseconds?: number;
  /** Waits between two watches, unless it is stopped meanwhile; tests wait for nothing. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

const shortestPause = 500;
const longestPause = 30_000;

export function keepWatching<T>(
  config: KubeConfig,
  { path, query, onEvent, onError, idleMilliseconds, sleep = sleepUnlessAborted }: WatchOptions<T>,
): Following {
  const watch = new Watch(config);
  // The library's own field: it has no option for that.
  if (idleMilliseconds) Object.assign(watch, { requestTimeoutMs: idleMilliseconds });
  const stopped = new AbortController();
  const { signal } = stopped;

  /** Until the stream ends. */
  const once = async () => {
    let hasEnded = false;
    let request: AbortController | undefined;
    let end: () => void = () => {};
    const stream = new Promise<void>((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', end);
      const take = (type: string, object: T) => {
        if (hasEnded || signal.aborted) return;
        if (type === 'ERROR') reject(errorOf(object));
        else onEvent(type as EventType, object);
      };
      const done = (error: unknown) => (isIdle(error) ? resolve() : reject(error));
      const begin = async () => {
        const controller = await watch.watch(path, await query(), take, done);
        request = controller;
        if (hasEnded) controller.abort();
      };
      begin().catch(reject);
    });
    try {
      await stream;
    } finally {
      hasEnded = true;
      signal.removeEventListener('abort', end);
      request?.abort();
    }
  };

  const run = async () => {
    let pause = shortestPause;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await once();
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
      }
      // One that lived for a while was good: only failures in a row make the pause longer.
      pause = performance.now() - began > longestPause / 2 ? shortestPause : Math.min(pause * 2, longestPause);
      await sleep(pause * (0.5 + Math.random() / 2), signal);
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

// --- internal ---

const sleepUnlessAborted = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => {});

/** What the API server says within a stream, like what it says instead of one. */
function errorOf(object: unknown): Error {
  const { message, code } = (object ?? {}) as { message?: string; code?: number };
  return Object.assign(new Error(message ?? 'the watch has failed'), { statusCode: code });
}

/** Closed by the server, or idle for too long: neither is a fault. */
const isIdle = (error: unknown): boolean =>
  error === null || error === undefined || (error instanceof Error && error.name === 'TimeoutError');
