/** Runs a command of the CLI on real files in a directory of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { ExplainOptions, InjectOptions } from '../../src/commands/options.ts';
import { runExplain } from '../../src/commands/run-explain.ts';
import { runInject } from '../../src/commands/run-inject.ts';
import { settings } from '../support/pods.ts';

export type Run = { code: number; stdout: string; stderr: string };
type Files = Record<string, string | Uint8Array>;
type Options<T> = Partial<Omit<T, 'settings'>> & { stdin?: string };

/** `files` are written first; without `options.files`, all of them are named with -f, in their order. */
export const inject = (files: Files, options: Options<InjectOptions> = {}) =>
  inDirectory(files, options, (io, paths) =>
    runInject({ output: 'yaml', color: false, ...options, files: paths, settings }, io),
  );

export const explain = (files: Files, options: Options<ExplainOptions> = {}) =>
  inDirectory(files, options, (io, paths) => runExplain({ color: false, ...options, files: paths, settings }, io));

type Io = Parameters<typeof runInject>[1];

async function inDirectory(
  files: Files,
  options: { files?: string[]; stdin?: string },
  command: (io: Io, paths: string[]) => Promise<number>,
): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'clockout-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
    }
    const out: string[] = [];
    const err: string[] = [];
    const stdin = Readable.from([Buffer.from(options.stdin ?? '')]);
    const io = { stdin, stdout: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text) };
    const paths = (options.files ?? Object.keys(files)).map((file) => (file === '-' ? file : join(directory, file)));
    const code = await command(io, paths);
    // The directory has a new name each time.
    const [stdout, stderr] = [out, err].map((texts) =>
      texts.join('').replaceAll(`${directory}/`, '').replaceAll(directory, '.'),
    );
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  } finally {
    await rm(directory, { recursive: true });
  }
}
