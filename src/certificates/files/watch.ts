/**
 * Files that somebody else renews: cert-manager through a mounted Secret, Helm through a mounted ConfigMap, or an administrator.
 * The kubelet replaces all files of a mounted volume at once: it points the link `..data` to a new folder.
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { ok, type Result } from '../../util/result.ts';

/** What the files hold, or one sentence for each thing that is wrong with them. */
export type Loaded<T> = Result<T, string[]>;

export type WatchedFiles<T> = {
  /** The last good value. */
  current: () => T;
  /** What is wrong with the files as they are now. */
  problems: () => string[];
  /** Sets the listener that hears of each change; there is one. */
  onChange: (listener: (value: T) => void) => void;
  close: () => void;
};

type WatchOptions<T> = {
  files: readonly string[];
  load: () => Promise<Loaded<T>>;
  isSame: (a: T, b: T) => boolean;
  /** Called after the listener, with each new value that can be used. */
  changed: (value: T) => void;
  /** Called at each attempt that finds problems, with each of them. */
  failed: (problem: string) => void;
};

/** Loads the files, and loads them again when they change. Fails only if the first attempt finds problems. */
export async function openWatchedFiles<T>({
  files,
  load,
  isSame,
  changed,
  failed,
}: WatchOptions<T>): Promise<Result<WatchedFiles<T>, string[]>> {
  const first = await load();
  if (!first.ok) return first;
  let current = first.value;
  let problems: string[] = [];
  let listener: (value: T) => void = () => {};

  const reload = async () => {
    const loaded = await load();
    if (!loaded.ok) {
      problems = loaded.problem;
      problems.forEach(failed);
      return;
    }
    problems = [];
    if (isSame(loaded.value, current)) return;
    current = loaded.value;
    listener(current);
    changed(current);
  };
  // A change comes as several events, and for a moment only one of two plain files is new.
  let settling: NodeJS.Timeout | undefined;
  const reloadSoon = () => {
    clearTimeout(settling);
    settling = setTimeout(reload, settleMilliseconds);
  };
  const watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) =>
    watchFolder(folder, reloadSoon),
  );
  // Not every file system reports changes, and a certificate can expire without one.
  const poll = setInterval(reload, pollMilliseconds);
  poll.unref();
  const close = () => {
    clearTimeout(settling);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
  const onChange = (next: typeof listener) => {
    listener = next;
  };
  return ok({ current: () => current, problems: () => problems, onChange, close });
}

const settleMilliseconds = 200;
const pollMilliseconds = 60_000;

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    // This machine has no watches left: the poll finds changes within a minute.
    return [];
  }
}
