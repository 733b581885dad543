/** Follows one object: hears of every change, for as long as it is asked to. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Following, keepWatching, type WatchOptions } from './keep-watching.ts';

type FollowOptions = Pick<WatchOptions<unknown>, 'onError' | 'sleep'> & {
  /** Of the list that the object is in, such as `/api/v1/namespaces/a/secrets`. */
  path: string;
  name: string;
  /** Something about the object may have changed: to be read anew. Also called whenever a watch has begun. */
  onChange: () => void;
};

export function follow(config: KubeConfig, { path, name, onChange, ...rest }: FollowOptions): Following {
  // From "any version" on, a stream begins with the object as it is, so nothing is missed in between. Without a version it
  // would, too, but with bookmarks that asks of etcd what it can only do since 3.4.25.
  const query = () => ({ fieldSelector: `metadata.name=${name}`, resourceVersion: '0' });
  return keepWatching(config, { path, query, onEvent: onChange, ...rest });
}
