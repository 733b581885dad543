/**
 * Follows all objects of a kind, without keeping them: first those that exist, then every change. After a watch has ended, the
 * next one goes on from there, so that the API server need not send all objects again.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { readStatus } from './errors.ts';
import { type Following, keepWatching } from './keep-watching.ts';

/** As the client library's methods for lists take and give it. */
type Page = { limit: number; _continue?: string; fieldSelector?: string };
type PageOf<T> = { metadata?: { resourceVersion?: string; _continue?: string }; items: T[] };

export type ListOptions<T> = {
  /** Such as `/apis/batch/v1/jobs`. */
  path: string;
  list: (page: Page) => Promise<PageOf<T>>;
  fieldSelector?: string;
  /** An object exists, or has changed. @param pass grows each time that the whole list is read again */
  onObject: (object: T, pass: number) => void;
  onGone: (object: T) => void;
  /** The whole list has been read: an object that only an earlier pass saw no longer exists. */
  onComplete: (pass: number) => void;
  onError: (error: unknown) => void;
};

/** Objects read at a time: there may be many thousands. */
const limit = 500;

/** There may be no change for a long time. */
const idleMilliseconds = 300_000;

export function followList<T extends { metadata?: { resourceVersion?: string } }>(
  config: KubeConfig,
  { path, list, fieldSelector, onObject, onGone, onComplete, onError }: ListOptions<T>,
): Following {
  const selected = fieldSelector === undefined ? {} : { fieldSelector };
  /** To go on from. */
  let version: string | undefined;
  let pass = 0;

  const readAll = async (): Promise<string> => {
    pass++;
    let next: string | undefined;
    for (;;) {
      const { items, metadata } = await list({ limit, ...selected, ...(next && { _continue: next }) });
      for (const object of items) onObject(object, pass);
      next = metadata?._continue;
      if (next) continue;
      onComplete(pass);
      return metadata?.resourceVersion ?? '0';
    }
  };

  return keepWatching<T>(config, {
    path,
    // Without bookmarks, which ask of etcd what it can only do since 3.4.25.
    createQuery: async () => {
      version ??= await readAll();
      return { ...selected, resourceVersion: version };
    },
    onEvent: (type, object) => {
      if (type === 'DELETED') onGone(object);
      else onObject(object, pass);
      version = object.metadata?.resourceVersion ?? version;
    },
    onError: (error) => {
      // The API server keeps changes only for a while. This is not a failure.
      if (readStatus(error) === 410) version = undefined;
      else onError(error);
    },
    idleMilliseconds,
  });
}
