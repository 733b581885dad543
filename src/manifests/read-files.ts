/** Reads what `-f` names: files, directories, standard input. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { printable } from '../util/text.ts';
import { decodeText } from './decode-text.ts';

/** Standard input, or what stands for it. */
export type Stdin = AsyncIterable<Uint8Array> | Readable;

/** A file, or standard input. */
export type Input = { name: string; read: () => Promise<Result<string, string[]>> };

const extensions = ['.yaml', '.yml', '.json'];

/** Lists what `-f` names: in the order of the names, the files of a directory sorted. @returns a problem of wrong use */
export async function listInputs(files: readonly string[], stdin: Stdin): Promise<Result<Input[], string[]>> {
  if (files.filter((file) => file === '-').length > 1)
    return fail(['-f - was given twice; standard input can only be read once']);
  if (files.includes(''))
    return fail(['-f was given an empty name; name a file or a directory, or - for standard input']);
  if (files.length === 0) return fail(['nothing to read; name a file or a directory with -f, or - for standard input']);
  const inputs: Input[] = [];
  for (const file of files) {
    if (file === '-') inputs.push({ name: 'stdin', read: () => readStdin(stdin) });
    else inputs.push(...(await listBelow(file)));
  }
  return ok(inputs);
}

// --- internal ---

async function readStdin(stdin: Stdin): Promise<Result<string, string[]>> {
  const text = await readText('stdin', stdin);
  return text.ok && text.value.trim() === ''
    ? fail(['stdin: nothing came in; expected manifests, as in `kubectl get job report -o yaml | clockout …`'])
    : text;
}

/** What is wrong with a path is said when it is its turn. */
async function listBelow(path: string): Promise<Input[]> {
  const failing = (problem: string): Input[] => [
    { name: nameOf(path), read: async () => fail([`${nameOf(path)}: ${problem}`]) },
  ];
  try {
    if (!(await stat(path)).isDirectory()) return [inputOf(path)];
    const found = await listManifests(path);
    if (found.length > 0) return found.map(inputOf);
    return failing(`no manifests in this directory; expected files with ${extensions.join(', ')}`);
  } catch (error) {
    return failing(describeError(path, error));
  }
}

const inputOf = (path: string): Input => ({ name: nameOf(path), read: () => readPath(path) });

/** To GitHub's runner, a line that starts with two colons is a command: a name is on one line, and does not start with them. */
const nameOf = (path: string) => printable(/^\s*:/.test(path) ? `./${path}` : path);

async function readPath(path: string): Promise<Result<string, string[]>> {
  try {
    return await readText(nameOf(path), createReadStream(path));
  } catch (error) {
    return fail([`${nameOf(path)}: ${describeError(path, error)}`]);
  }
}

/** Links to directories are not followed: they can lead back up. */
async function listManifests(directory: string): Promise<string[]> {
  const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(directory, entry.name);
    // In a mounted ConfigMap, the directory behind `..data` has what the links beside it lead to.
    if (entry.name.startsWith('..')) continue;
    if (entry.isDirectory()) found.push(...(await listManifests(path)));
    // A pipe may never have a writer. A link may be called `old.yaml`, and lead to a directory.
    else if (isManifest(path) && (entry.isFile() || (entry.isSymbolicLink() && (await mayBeFile(path)))))
      found.push(path);
  }
  return found;
}

const isManifest = (path: string) => extensions.some((end) => path.endsWith(end));

/** What is wrong with a link that leads nowhere is said when it is its turn. */
const mayBeFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? true;

/** A device such as /dev/zero has no end, and Node.js runs out of memory with the nodes of a file that is much larger. */
const mostBytes = 128 * 1024 * 1024;

async function readText(name: string, stream: Stdin): Promise<Result<string, string[]>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > mostBytes) return fail([`${name}: expected at most 128 MiB, found more; split it into several files`]);
    chunks.push(chunk);
  }
  return decodeText(name, Buffer.concat(chunks));
}

function describeError(path: string, error: unknown): string {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) return `expected a file or a directory, found a URL; ${urlAdvice}`;
  const message = readErrorMessage(error);
  return problems[readErrorCode(error) ?? ''] ?? `cannot be read: ${message.replace(/^[A-Z]+: |, \w+( '.*')?$/gs, '')}`;
}

const urlAdvice = 'download it, or pipe it in, as in `curl -fsSL URL | clockout … -f -`';

const problems: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'no such file: a part of its path is a file, and not a directory',
  EACCES: 'may not be read: permission denied',
  ELOOP: 'expected a file or a directory, found a symbolic link that leads back to itself; correct the link',
  ENAMETOOLONG: 'the name is longer than the file system allows; check the argument of -f',
};
