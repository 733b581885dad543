/**
 * A certificate in files that somebody else renews: cert-manager through a mounted Secret, or an administrator. The kubelet
 * swaps a mounted Secret's files at once, by pointing the link `..data` to a new folder.
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { LoadedCertificate, ServingCertificate } from './certificate.ts';
import { type GivenFiles, loadGivenCertificate } from './given.ts';

export type WatchedFiles = {
  current: () => ServingCertificate;
  /** What is wrong with the files as they are now; the last good pair is served meanwhile. */
  problems: () => string[];
  close: () => void;
};

/**
 * @param onChange called with each new pair that can be used
 * @param onProblem called with what is wrong, at each attempt
 */
export async function watchCertificateFiles(
  given: GivenFiles,
  onChange: (certificate: ServingCertificate) => void,
  onProblem: (problems: string[]) => void,
): Promise<{ ok: true; files: WatchedFiles } | Extract<LoadedCertificate, { ok: false }>> {
  const first = await loadGivenCertificate(given, new Date());
  if (!first.ok) return first;
  let current = first.certificate;
  let problems: string[] = [];

  const load = async () => {
    const loaded = await loadGivenCertificate(given, new Date());
    if (!loaded.ok) {
      problems = loaded.problems;
      onProblem(problems);
      return;
    }
    problems = [];
    if (loaded.certificate.cert === current.cert && loaded.certificate.key === current.key) return;
    current = loaded.certificate;
    onChange(current);
  };
  // A change comes as several events, and a pair of plain files is for a moment half old, half new.
  let settling: NodeJS.Timeout | undefined;
  const soon = () => {
    clearTimeout(settling);
    settling = setTimeout(load, settleMilliseconds);
  };
  const watchers = [...new Set([dirname(given.certFile), dirname(given.keyFile)])].flatMap((folder) =>
    watchFolder(folder, soon),
  );
  // Not every file system tells of changes, and a certificate may have expired without one.
  const poll = setInterval(load, pollMilliseconds);
  poll.unref();
  const close = () => {
    clearTimeout(settling);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
  return { ok: true, files: { current: () => current, problems: () => problems, close } };
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
