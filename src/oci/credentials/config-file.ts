/** The installation's credentials, in a file such as a mounted Secret: it is read again when it changes, as a kubelet swaps it. */
import { readErrorCode } from '../../util/errors.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { type ConfigEntry, readDockerConfig } from './docker-config.ts';

type ConfigFile = { entries: () => readonly ConfigEntry[]; close: () => void };

type ConfigFileEffects = {
  readFile: (path: string) => Promise<string>;
  /** The file was good and is not any more; the last good entries stay. The problem is a sentence. */
  onProblem: (problem: string) => void;
  /** Milliseconds between two reads. */
  interval: number;
};

/** @returns a sentence without its full stop if the file cannot be used from the start */
export async function openConfigFile(
  file: string,
  { readFile, onProblem, interval }: ConfigFileEffects,
): Promise<Result<ConfigFile, string>> {
  const read = () => readEntries(file, readFile);
  const first = await read();
  if (!first.ok) return first;
  let entries = first.value;
  let told: string | undefined;
  const look = async () => {
    const again = await read();
    if (again.ok) entries = again.value;
    const problem = again.ok ? undefined : again.problem;
    if (problem !== undefined && problem !== told) onProblem(problem);
    told = problem;
  };
  const timer = setInterval(look, interval).unref();
  return ok({ entries: () => entries, close: () => clearInterval(timer) });
}

// --- internal ---

async function readEntries(
  file: string,
  readFile: ConfigFileEffects['readFile'],
): Promise<Result<ConfigEntry[], string>> {
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    return fail(`the docker config ${file} cannot be read (${readErrorCode(error)})`);
  }
  const read = readDockerConfig(text);
  return read ? ok(read.entries) : fail(`the docker config ${file} is malformed; expected JSON such as {"auths": {…}}`);
}
