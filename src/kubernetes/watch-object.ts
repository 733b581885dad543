/** Watches one object, and hears of every change until it is stopped. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Following, keepWatching, type WatchOptions } from './keep-watching.ts';

type ObjectOptions = Pick<WatchOptions<unknown>, 'onError' | 'sleep'> & {
  /** The list that the object is in, such as `/api/v1/namespaces/a/secrets`. */
  path: string;
  name: string;
  /** The object may have changed, and should be read again. Also called when a watch begins. */
  onChange: () => void;
};

export function watchObject(config: KubeConfig, { path, name, onChange, ...rest }: ObjectOptions): Following {
  // With version 0, "any version", a stream begins with the object as it is, so no change is missed in between. A request without
  // a version would do the same, but with bookmarks it needs a feature that etcd has only since 3.4.25.
  const createQuery = () => ({ fieldSelector: `metadata.name=${name}`, resourceVersion: '0' });
  return keepWatching(config, { path, createQuery, onEvent: onChange, ...rest });
}
