/** Reads what `-f` names: files, directories, standard input. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';
import { fail, ok, type Result } from '../util/result.ts';

/** Standard input, or what stands for it. */
export type Stdin = AsyncIterable<Uint8Array> | Readable;

/** A file, or standard input. */
export type Input = { name: string; read: () => Promise<Result<string, string[]>> };

const extensions = ['.yaml', '.yml', '.json'];

/** Lists what `-f` names: in the order of the names, the files of a directory sorted. @returns a problem of wrong use */
export async function listInputs(files: readonly string[], stdin: Stdin): Promise<Result<Input[], string[]>> {
  if (files.filter((file) => file === '-').length > 1)
    return fail(['-f - was given twice; standard input can only be read once']);
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
  const text = decodeText('stdin', await buffer(stdin));
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
    return failing(describeError(error));
  }
}

const inputOf = (path: string): Input => ({ name: nameOf(path), read: () => readPath(path) });

/** To GitHub's runner, a line that starts with two colons is a command. */
const nameOf = (path: string) => (/^\s*:/.test(path) ? `./${path}` : path);

async function readPath(path: string): Promise<Result<string, string[]>> {
  try {
    return decodeText(nameOf(path), await readFile(path));
  } catch (error) {
    return fail([`${nameOf(path)}: ${describeError(error)}`]);
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
    // A link may be called `old.yaml`, and lead to a directory.
    else if (isManifest(path) && !(entry.isSymbolicLink() && (await leadsToDirectory(path)))) found.push(path);
  }
  return found;
}

const isManifest = (path: string) => extensions.some((end) => path.endsWith(end));

const leadsToDirectory = async (path: string) => (await stat(path).catch(() => undefined))?.isDirectory() === true;

function decodeText(name: string, bytes: Buffer): Result<string, string[]> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.includes('\0')) return fail([`${name}: this looks like a binary file; expected YAML or JSON`]);
    return ok(text);
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
