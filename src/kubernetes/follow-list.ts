/**
 * Follows all objects of a kind, without keeping them: hears of what is there, and then of every change. After a watch has
 * ended it goes on from there, so that what is there need not be sent again.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { statusOf } from './errors.ts';
import { type EventType, type Following, keepWatching } from './keep-watching.ts';

type ListOptions<T> = {
  /** Such as `/apis/batch/v1/jobs`. */
  path: string;
  fieldSelector?: string;
  /** It is there, or has changed. @param pass grows each time that all that is there is sent again */
  onObject: (object: T, pass: number) => void;
  onGone: (object: T) => void;
  /** All that is there has been sent: what was seen only in an earlier pass is there no more. */
  onComplete: (pass: number) => void;
  onError: (error: unknown) => void;
};

/** Longer than the minute after which the API server sends a bookmark. */
const idleMilliseconds = 90_000;

export function followList<T extends { metadata?: { resourceVersion?: string } }>(
  config: KubeConfig,
  { path, fieldSelector, onObject, onGone, onComplete, onError }: ListOptions<T>,
): Following {
  // To go on from. The first objects come in no order, so there is none before the first bookmark, which comes after them:
  // https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go
  let version: string | undefined;
  let pass = 0;

  const query = () => {
    if (version === undefined) pass++;
    return {
      ...(fieldSelector && { fieldSelector }),
      allowWatchBookmarks: 'true',
      resourceVersion: version ?? '0',
    };
  };
  const onEvent = (type: EventType, object: T) => {
    if (type === 'BOOKMARK') {
      if (version === undefined) onComplete(pass);
    } else if (type === 'DELETED') onGone(object);
    else onObject(object, pass);
    if (type === 'BOOKMARK' || version !== undefined) version = object.metadata?.resourceVersion;
  };
  return keepWatching<T>(config, {
    path,
    query,
    onEvent,
    onError: (error) => {
      // Too long ago for the API server to remember, which is nobody's fault.
      if (statusOf(error) === 410) version = undefined;
      else onError(error);
    },
    idleMilliseconds,
  });
}
