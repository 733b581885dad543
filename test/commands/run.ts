/** Runs inject, uninject and explain on real files in a directory of its own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Settings } from '../../src/admission/admit.ts';
import { explain as explainManifests } from '../../src/commands/explain.ts';
import { inject as injectManifests } from '../../src/commands/inject.ts';
import {
  type ManifestInput,
  type ManifestOutput,
  printManifests,
  withNamespaceDefaults,
} from '../../src/commands/manifest-command.ts';
import { uninject as uninjectManifests } from '../../src/commands/uninject.ts';
import { settings as usual } from '../support/pods.ts';

export type Run = { code: number; stdout: string; stderr: string };
type Files = Record<string, string | Uint8Array>;
type Options = {
  files?: string[];
  stdin?: string;
  color?: boolean;
  settings?: Settings;
  templatePaths?: string[][];
  now?: string;
  judges?: boolean;
  namespaceDefaults?: 'on' | 'off';
};

/** `files` are written first; without `options.files`, all of them are named with -f, in their order. */
export const inject = (
  files: Files,
  { output = 'yaml', ...options }: Options & { output?: Parameters<typeof injectManifests>[1] } = {},
) => runOn(files, options, (input) => injectManifests(input, output));

export const explain = (
  files: Files,
  { output = 'text', ...options }: Options & { output?: Parameters<typeof explainManifests>[1] } = {},
) => runOn(files, options, (input) => explainManifests(input, output));

export const uninject = (
  files: Files,
  { output = 'yaml', ...options }: Options & { output?: Parameters<typeof uninjectManifests>[1] } = {},
) => runOn(files, options, (input) => uninjectManifests(input, output));

async function runOn(
  files: Files,
  {
    color = false,
    now = '2026-11-21T12:00:00Z',
    judges = false,
    settings = usual,
    templatePaths = [],
    namespaceDefaults = 'off',
    ...options
  }: Options,
  turn: (input: ManifestInput) => Promise<ManifestOutput>,
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
    const code = await printManifests(
      { files: paths, paths: templatePaths, judges },
      { settings, color, now: () => Date.parse(now) },
      io,
      (input) => turn(withNamespaceDefaults(namespaceDefaults, input)),
    );
    // The directory has a new name each time.
    const [stdout, stderr] = [out, err].map((texts) =>
      texts.join('').replaceAll(`${directory}/`, '').replaceAll(directory, '.'),
    );
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  } finally {
    await rm(directory, { recursive: true });
  }
}
