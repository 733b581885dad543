/** Credentials of the install, in a file such as a mounted Secret: read anew when it changes, as a kubelet swaps it. */
import { type ConfigEntry, readDockerConfig } from './docker-config.ts';

type ConfigFile = { entries: () => readonly ConfigEntry[]; close: () => void };

type ConfigFileEffects = {
  readFile: (path: string) => Promise<string>;
  /** Of a file that was good and is not any more: a sentence. The last good entries stay. */
  onProblem: (problem: string) => void;
  /** Milliseconds between two looks. */
  interval: number;
};

/** @returns a sentence where the file cannot be used from the start */
export async function openConfigFile(
  file: string,
  { readFile, onProblem, interval }: ConfigFileEffects,
): Promise<{ ok: true; file: ConfigFile } | { ok: false; problem: string }> {
  const read = () => readEntries(file, readFile);
  const first = await read();
  if (!first.ok) return first;
  let entries = first.entries;
  let told: string | undefined;
  const look = async () => {
    const again = await read();
    if (again.ok) entries = again.entries;
    const problem = again.ok ? undefined : again.problem;
    if (problem !== undefined && problem !== told) onProblem(problem);
    told = problem;
  };
  const timer = setInterval(look, interval).unref();
  return { ok: true, file: { entries: () => entries, close: () => clearInterval(timer) } };
}

// --- internal ---

type ReadEntries = { ok: true; entries: ConfigEntry[] } | { ok: false; problem: string };

async function readEntries(file: string, readFile: ConfigFileEffects['readFile']): Promise<ReadEntries> {
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { ok: false, problem: `the docker config ${file} cannot be read (${code})` };
  }
  const read = readDockerConfig(text);
  return read
    ? { ok: true, entries: read.entries }
    : { ok: false, problem: `the docker config ${file} is malformed; expected JSON such as {"auths": {…}}` };
}
