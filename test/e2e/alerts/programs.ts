/** Debian's prometheus and promtool: those on the PATH, or from the package, which is unpacked into the cache and not installed. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { once } from '../cluster/binaries.ts';
import { attempt, run } from '../cluster/exec.ts';
import { cache } from '../cluster/paths.ts';

const names = ['prometheus', 'promtool'] as const;

const unpacked = join(cache, `prometheus-${process.arch}`);

/** Throws with one sentence if they cannot be had here. */
export async function fetchPrometheus(): Promise<void> {
  if (names.every((name) => findOnPath(name) !== undefined)) return;
  mkdirSync(cache, { recursive: true });
  try {
    await once(unpacked, "Debian's prometheus", async (target) => {
      if (!(await download(target))) {
        await run(['apt-get', 'update', '-qq'], { timeoutSeconds: 300 });
        if (!(await download(target))) throw new Error('apt-get download prometheus failed');
      }
      const [file = ''] = readdirSync(target).filter((name) => name.endsWith('.deb'));
      await run(['dpkg-deb', '--extract', join(target, file), target]);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : `${error}`;
    throw new Error(
      `expected prometheus and promtool on the PATH, or their Debian package from apt-get (root, if its lists are not there yet); found neither, so the alerts are not tested. ${reason}`,
    );
  }
}

/** The path of the program. */
export const programOf = (name: (typeof names)[number]): string =>
  findOnPath(name) ?? join(unpacked, 'usr', 'bin', name);

// --- internal ---

const findOnPath = (program: string): string | undefined =>
  `${process.env.PATH}`
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));

const download = async (target: string): Promise<boolean> =>
  (await attempt(['apt-get', 'download', '-qq', 'prometheus'], { cwd: target })).code === 0;
