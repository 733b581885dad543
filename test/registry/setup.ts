/** Vitest calls it once, before all files: the programs that the tests run must be there, or are installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../cluster/exec.ts';

/** Each is in the Debian package of its name. */
const programs = ['docker-registry', 'buildah', 'skopeo'];

export default async function setup(): Promise<void> {
  const missing = programs.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(
      `These tests need ${programs.join(', ')}; not there: ${missing.join(', ')}. Install them, or run as root on Debian.`,
    );
  // RUNLEVEL=1: docker-registry brings a service, which must not start.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run(['apt-get', 'update', '-qq'], { env, timeoutSeconds: 300 });
  await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing], { env, timeoutSeconds: 600 });
}

const isInstalled = (program: string): boolean =>
  `${process.env.PATH}`.split(delimiter).some((folder) => existsSync(join(folder, program)));
