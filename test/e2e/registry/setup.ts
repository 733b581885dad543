/** Vitest calls it once, before all files: the programs that the tests run must be there, or are installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptInstall } from '../cluster/requirements.ts';

/** Each is in the Debian package of its name. */
const programs = ['docker-registry', 'buildah', 'skopeo'];

export default async function setup(): Promise<void> {
  const missing = programs.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(
      `These tests need ${programs.join(', ')}; not there: ${missing.join(', ')}. Install them, or run as root on Debian.`,
    );
  await aptInstall(missing);
}

const isInstalled = (program: string): boolean =>
  `${process.env.PATH}`.split(delimiter).some((folder) => existsSync(join(folder, program)));
