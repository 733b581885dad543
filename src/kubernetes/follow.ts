/**
 * Follows one object: hears of every change, for as long as it is asked to. A watch ends all the time (an idle connection,
 * an API server that restarts, a version that is too old); this begins anew each time, and more slowly while that fails.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeConfig, Watch } from '@kubernetes/client-node';

export type Following = { stop: () => void };

export type FollowOptions = {
  /** Of the list that the object is in, such as `/api/v1/namespaces/a/secrets`. */
  path: string;
  name: string;
  /** Something about the object may have changed: to be read anew. Also called whenever a watch has begun. */
  onChange: () => void;
  onError: (error: unknown) => void;
};

const shortestPause = 500;
const longestPause = 30_000;

export function follow(config: KubeConfig, { path, name, onChange, onError }: FollowOptions): Following {
  const watch = new Watch(config);
  const stopped = new AbortController();
  // From "any version" on, a stream begins with the object as it is, so nothing is missed in between. Without a version it
  // would, too, but with bookmarks that asks of etcd what it can only do since 3.4.25.
  const query = { fieldSelector: `metadata.name=${name}`, resourceVersion: '0' };

  /** Until the stream ends. */
  const once = () =>
    new Promise<void>((resolve, reject) => {
      const onEvent = (type: string, object: { message?: string } | undefined) => {
        if (type === 'ERROR') reject(new Error(object?.message ?? 'the watch has failed'));
        else onChange();
      };
      const started = watch.watch(path, query, onEvent, (error) => (isIdle(error) ? resolve() : reject(error)));
      started
        .then((request) => {
          if (stopped.signal.aborted) request.abort();
          stopped.signal.addEventListener('abort', () => request.abort(), { once: true });
        })
        .catch(reject);
    });

  const run = async () => {
    let pause = shortestPause;
    while (!stopped.signal.aborted) {
      const began = performance.now();
      try {
        await once();
      } catch (error) {
        if (stopped.signal.aborted) return;
        onError(error);
      }
      // One that lived for a while was good: only failures in a row make the pause longer.
      pause = performance.now() - began > longestPause / 2 ? shortestPause : Math.min(pause * 2, longestPause);
      await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  void run();
  return { stop: () => stopped.abort() };
}

/** Closed by the server, or idle for too long: neither is a fault. */
const isIdle = (error: unknown): boolean =>
  error === null || error === undefined || (error instanceof Error && error.name === 'TimeoutError');
