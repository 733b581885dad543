/** Reads what `-f` names: files, directories, standard input. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { parseManifests, type Result, type Source } from './find-pods.ts';

/** Standard input, or what stands for it. */
export type Stdin = AsyncIterable<Uint8Array> | Readable;

type Input = { name: string; text: string };
type Inputs = Result<Input[]>;

const extensions = ['.yaml', '.yml', '.json'];

/** What `-f` names, with its documents; or every problem there is. */
export async function readSources(files: readonly string[], stdin: Stdin): Promise<Result<Source[]>> {
  const read = await readInputs(files, stdin);
  if (!read.ok) return read;
  const parsed = read.value.map(({ name, text }) => parseManifests(name, text));
  const problems = parsed.flatMap((one) => (one.ok ? [] : one.problems));
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, value: parsed.flatMap((one) => (one.ok ? [one.value] : [])) };
}

// --- internal ---

/** In the order they were named, a directory's files sorted. */
async function readInputs(files: readonly string[], stdin: Stdin): Promise<Inputs> {
  const inputs: Input[] = [];
  const problems: string[] = [];
  if (files.filter((file) => file === '-').length > 1)
    problems.push('-f - was given twice; standard input can only be read once');
  else if (files.length === 0)
    problems.push('nothing to read; name a file or a directory with -f, or - for standard input');
  for (const file of problems.length === 0 ? files : []) {
    const read = file === '-' ? await readStdin(stdin) : await readPath(file);
    if (read.ok) inputs.push(...read.value);
    else problems.push(...read.problems);
  }
  return problems.length === 0 ? { ok: true, value: inputs } : { ok: false, problems };
}

const failed = (problem: string): Inputs => ({ ok: false, problems: [problem] });

async function readStdin(stdin: Stdin): Promise<Inputs> {
  const read = decodeText('stdin', await buffer(stdin));
  const isEmpty = read.ok && read.value.every(({ text }) => text.trim() === '');
  return isEmpty
    ? failed('stdin: nothing came in; expected manifests, as in `kubectl get job report -o yaml | clockout …`')
    : read;
}

async function readPath(path: string): Promise<Inputs> {
  try {
    if (!(await stat(path)).isDirectory()) return decodeText(path, await readFile(path));
    const files = await manifestsBelow(path);
    if (files.length === 0)
      return failed(`${path}: no manifests in this directory; expected files with ${extensions.join(', ')}`);
    const read = [];
    for (const file of files) read.push(await readInDirectory(file));
    const problems = read.flatMap((one) => (one.ok ? [] : one.problems));
    return problems.length > 0
      ? { ok: false, problems }
      : { ok: true, value: read.flatMap((one) => (one.ok ? one.value : [])) };
  } catch (error) {
    return failed(`${path}: ${sentenceOf(error)}`);
  }
}

/** Links to directories are not followed: they can lead back up. */
async function manifestsBelow(directory: string): Promise<string[]> {
  const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const below = entries.map((entry) => {
    const path = join(directory, entry.name);
    // In a mounted ConfigMap, the directory behind `..data` has what the links beside it lead to.
    if (entry.name.startsWith('..')) return [];
    if (entry.isDirectory()) return manifestsBelow(path);
    return extensions.some((end) => entry.name.endsWith(end)) ? [path] : [];
  });
  return (await Promise.all(below)).flat();
}

/** A link may be called `old.yaml`, and lead to a directory. */
async function readInDirectory(path: string): Promise<Inputs> {
  try {
    return (await stat(path)).isDirectory() ? { ok: true, value: [] } : decodeText(path, await readFile(path));
  } catch (error) {
    return failed(`${path}: ${sentenceOf(error)}`);
  }
}

function decodeText(name: string, bytes: Buffer): Inputs {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.includes('\0')) return failed(`${name}: this looks like a binary file; expected YAML or JSON`);
    return { ok: true, value: [{ name, text }] };
  } catch {
    return failed(`${name}: this is not UTF-8 text; expected YAML or JSON`);
  }
}

function sentenceOf(error: unknown): string {
  const code = readErrorCode(error);
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES') return 'may not be read: permission denied';
  return `cannot be read: ${readErrorMessage(error)}`;
}
