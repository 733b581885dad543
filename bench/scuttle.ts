/** scuttle (https://github.com/kvij/scuttle), another wrapper: Go installs it into the cache of the benchmark. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openCache, reasonOf } from './cache.ts';

/** @returns the path of its program, which may also have been built there by hand, or why there is none */
export async function findScuttle(): Promise<{ program: string; version: string } | string> {
  const folder = openCache('scuttle');
  const program = join(folder, 'scuttle');
  const run = promisify(execFile);
  try {
    if (!existsSync(program))
      await run('go', ['install', 'github.com/kvij/scuttle@latest'], { env: { ...process.env, GOBIN: folder } });
    const { stdout } = await run(program, []);
    return { program, version: /Scuttle (\S+) starting/.exec(stdout)?.[1] ?? 'unknown' };
  } catch (error) {
    return `scuttle could not be built (${reasonOf(error)}).`;
  }
}
