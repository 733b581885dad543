/** Reads what `-f` names: files, directories, standard input. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { collect, fail, ok, type Result } from '../util/result.ts';
import { parseManifests, type Source } from './find-pods.ts';
import type { TemplatePath } from './template-paths.ts';

/** Standard input, or what stands for it. */
export type Stdin = AsyncIterable<Uint8Array> | Readable;

type Input = { name: string; text: string };
type Inputs = Result<Input[], string[]>;

const extensions = ['.yaml', '.yml', '.json'];

/** Reads what `-f` names, with its documents. @returns every problem as a sentence, if there are any */
export async function readSources(
  files: readonly string[],
  stdin: Stdin,
  paths: readonly TemplatePath[] = [],
): Promise<Result<Source[], string[]>> {
  const read = await readInputs(files, stdin);
  return read.ok ? collect(read.value.map(({ name, text }) => parseManifests(name, text, paths))) : read;
}

// --- internal ---

/** In the order they were named, a directory's files sorted. */
async function readInputs(files: readonly string[], stdin: Stdin): Promise<Inputs> {
  if (files.filter((file) => file === '-').length > 1)
    return fail(['-f - was given twice; standard input can only be read once']);
  if (files.length === 0) return fail(['nothing to read; name a file or a directory with -f, or - for standard input']);
  return readAll(files, (file) => (file === '-' ? readStdin(stdin) : readPath(file)));
}

/** One after the other, because a process may open only so many files. */
async function readAll(files: readonly string[], read: (file: string) => Promise<Inputs>): Promise<Inputs> {
  const results: Inputs[] = [];
  for (const file of files) results.push(await read(file));
  const all = collect(results);
  return all.ok ? ok(all.value.flat()) : all;
}

async function readStdin(stdin: Stdin): Promise<Inputs> {
  const read = decodeText('stdin', await buffer(stdin));
  const isEmpty = read.ok && read.value.every(({ text }) => text.trim() === '');
  return isEmpty
    ? fail(['stdin: nothing came in; expected manifests, as in `kubectl get job report -o yaml | clockout …`'])
    : read;
}

const readPath = (path: string) =>
  readUnlessDirectory(path, async () => {
    const files = await listManifests(path);
    if (files.length === 0)
      return fail([`${path}: no manifests in this directory; expected files with ${extensions.join(', ')}`]);
    // A link may be called `old.yaml`, and lead to a directory.
    return readAll(files, (file) => readUnlessDirectory(file, async () => ok([])));
  });

async function readUnlessDirectory(path: string, readDirectory: () => Promise<Inputs>): Promise<Inputs> {
  try {
    const isDirectory = (await stat(path)).isDirectory();
    return isDirectory ? await readDirectory() : decodeText(path, await readFile(path));
  } catch (error) {
    return fail([`${path}: ${describeError(error)}`]);
  }
}

/** Links to directories are not followed: they can lead back up. */
async function listManifests(directory: string): Promise<string[]> {
  const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const below = entries.map((entry) => {
    const path = join(directory, entry.name);
    // In a mounted ConfigMap, the directory behind `..data` has what the links beside it lead to.
    if (entry.name.startsWith('..')) return [];
    if (entry.isDirectory()) return listManifests(path);
    return extensions.some((end) => entry.name.endsWith(end)) ? [path] : [];
  });
  return (await Promise.all(below)).flat();
}

function decodeText(name: string, bytes: Buffer): Inputs {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.includes('\0')) return fail([`${name}: this looks like a binary file; expected YAML or JSON`]);
    return ok([{ name, text }]);
  } catch {
    return fail([`${name}: this is not UTF-8 text; expected YAML or JSON`]);
  }
}

function describeError(error: unknown): string {
  const code = readErrorCode(error);
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES') return 'may not be read: permission denied';
  return `cannot be read: ${readErrorMessage(error)}`;
}
