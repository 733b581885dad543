/** Programs that the benchmark compares with. They are not dependencies of the project, so they are kept in a folder of the user. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** @returns the folder with this name in the cache, which exists then */
export function openCache(name: string): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'clockout-bench', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** What a command that could not fetch something says of it, in one line. */
export function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string | Buffer; message: string };
  const lines = `${stderr ?? ''}`.trim().split('\n').filter(Boolean);
  return (lines.at(-1) ?? message.split('\n')[0] ?? '').slice(0, 200);
}
