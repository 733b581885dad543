/**
 * Watches a list until it is stopped. A watch often ends (an idle connection, an API server that restarts, a version that is too
 * old). This starts a new watch each time, after a longer pause while watches fail.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */

import { type KubeConfig, Watch } from '@kubernetes/client-node';
import { sleepUnlessAborted } from '../util/abort.ts';

export type Following = { stop: () => void };

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export type WatchOptions<T> = {
  /** The list, such as `/api/v1/namespaces/a/secrets`. */
  path: string;
  /** Called before each watch. If it fails, the watch has failed. */
  createQuery: () => Record<string, string> | Promise<Record<string, string>>;
  /** Must not throw: the library would hide the error. */
  onEvent: (type: EventType, object: T) => void;
  onError: (error: unknown) => void;
  /** How long a watch may be silent before a new one replaces it. Default: the library's own 30 s. */
  idleMilliseconds?: number;
  /** Waits between two watches, or until the signal is aborted. Tests do not wait. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

const minPauseMilliseconds = 500;
const maxPauseMilliseconds = 30_000;

export function keepWatching<T>(
  config: KubeConfig,
  { path, createQuery, onEvent, onError, idleMilliseconds, sleep = sleepUnlessAborted }: WatchOptions<T>,
): Following {
  const watch = new Watch(config);
  // A field of the library, which has no option for it.
  if (idleMilliseconds) Object.assign(watch, { requestTimeoutMs: idleMilliseconds });
  const stopped = new AbortController();
  const { signal } = stopped;

  /** Ends when the stream ends. */
  const watchOnce = async () => {
    let hasEnded = false;
    let request: AbortController | undefined;
    let end: () => void = () => {};
    const stream = new Promise<void>((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', end);
      const take = (type: string, object: T) => {
        if (hasEnded || signal.aborted) return;
        if (type === 'ERROR') reject(createWatchError(object));
        else onEvent(type as EventType, object);
      };
      const done = (error: unknown) => (isOrdinaryEnd(error) ? resolve() : reject(error));
      const begin = async () => {
        const controller = await watch.watch(path, await createQuery(), take, done);
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
    let pause = minPauseMilliseconds;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await watchOnce();
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
      }
      // A watch that lasted for a while was good: only failures in a row make the pause longer.
      const wasGood = performance.now() - began > maxPauseMilliseconds / 2;
      pause = wasGood ? minPauseMilliseconds : Math.min(pause * 2, maxPauseMilliseconds);
      await sleep(pause * (0.5 + Math.random() / 2), signal);
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

// --- internal ---

/** The API server can report an error within a stream. This gives it the shape of one that comes instead of a stream. */
function createWatchError(object: unknown): Error {
  const { message, code } = (object ?? {}) as { message?: string; code?: number };
  return Object.assign(new Error(message ?? 'the watch has failed'), { statusCode: code });
}

/** The server closed the stream, or it was idle for too long. Neither is a failure. */
const isOrdinaryEnd = (error: unknown): boolean =>
  error === null || error === undefined || (error instanceof Error && error.name === 'TimeoutError');
