/**
 * Files that somebody else renews: cert-manager through a mounted Secret, Helm through a mounted ConfigMap, or an administrator.
 * The kubelet swaps a mounted volume's files at once, by pointing the link `..data` to a new folder.
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

export type Loaded<T> =
  | { ok: true; value: T }
  /** One sentence for each thing that is wrong. */
  | { ok: false; problems: string[] };

export type WatchedFiles<T> = {
  current: () => T;
  /** What is wrong with the files as they are now; the last good value is in use meanwhile. */
  problems: () => string[];
  close: () => void;
};

type Watched<T> = {
  files: readonly string[];
  load: () => Promise<Loaded<T>>;
  isSame: (a: T, b: T) => boolean;
  /** Called with each new value that can be used. */
  onChange: (value: T) => void;
  /** Called with what is wrong, at each attempt. */
  onProblem: (problems: string[]) => void;
};

/** Loads the files, and again when they change. Fails only where they cannot be used to begin with. */
export async function watchFiles<T>({
  files,
  load,
  isSame,
  onChange,
  onProblem,
}: Watched<T>): Promise<{ ok: true; watched: WatchedFiles<T> } | { ok: false; problems: string[] }> {
  const first = await load();
  if (!first.ok) return first;
  let current = first.value;
  let problems: string[] = [];

  const reload = async () => {
    const loaded = await load();
    if (!loaded.ok) {
      problems = loaded.problems;
      onProblem(problems);
      return;
    }
    problems = [];
    if (isSame(loaded.value, current)) return;
    current = loaded.value;
    onChange(current);
  };
  // A change comes as several events, and a pair of plain files is for a moment half old, half new.
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(reload, settleMilliseconds);
  };
  const watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) => watchFolder(folder, soon));
  // Not every file system tells of changes, and a certificate may have expired without one.
  const poll = setInterval(reload, pollMilliseconds);
  poll.unref();
  const close = () => {
    clearTimeout(settling);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
  return { ok: true, watched: { current: () => current, problems: () => problems, close } };
}

const settleMilliseconds = 200;
const pollMilliseconds = 60_000;

function watchFolder(folder: string, onEvent: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    // No more watches to be had on this machine: then only once a minute.
    return [];
  }
}
