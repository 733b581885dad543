/**
 * The credentials of the user who runs the command line: from docker's and podman's config files, and the helpers named there.
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
import { join } from 'node:path';
import { readErrorCode } from '../../util/errors.ts';
import { ok } from '../../util/result.ts';
import type { Reference } from '../reference.ts';
import type { Credential } from './credential.ts';
import { type ConfigEntry, readDockerConfig } from './docker-config.ts';
import { askHelper, type HelperAnswer } from './docker-helper.ts';
import { selectCredentials } from './select-credentials.ts';

/** The credentials to try for an image, in turn, and a sentence for each reason why some may be missing. */
type LocalCredentials = { credentials: Credential[]; problems: string[] };

type LocalEffects = {
  env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  home: string;
  /** Rejects with the code ENOENT if the file does not exist. */
  readFile: (path: string) => Promise<string>;
};

/** Reads each file once, and asks a helper once for a registry. */
export function createLocalKeychain(effects: LocalEffects): (reference: Reference) => Promise<LocalCredentials> {
  let configs: Promise<LocalConfig[]> | undefined;
  const answers = new Map<string, Promise<HelperAnswer>>();

  const ask = (helper: string, address: string) => {
    const key = `${helper} ${address}`;
    const answer = answers.get(key) ?? askHelper({ helper, address, env: effects.env, timeout: helperMilliseconds });
    answers.set(key, answer);
    return answer;
  };

  const credentialsIn = async (config: LocalConfig, reference: Reference): Promise<LocalCredentials> => {
    const { helper, address } = helperFor(reference.registry, config);
    const answer: HelperAnswer = helper === undefined ? ok(undefined) : await ask(helper, address);
    const own = selectCredentials(reference, config.entries);
    if (!answer.ok) return { credentials: own, problems: [...config.problems, answer.problem] };
    return { credentials: answer.value ? [answer.value, ...own] : own, problems: config.problems };
  };

  return async (reference) => {
    configs ??= Promise.all(filesOf(effects).map((file) => readConfig(file, effects.readFile)));
    const found = await Promise.all((await configs).map((config) => credentialsIn(config, reference)));
    return {
      credentials: found.flatMap(({ credentials }) => credentials),
      problems: found.flatMap(({ problems }) => problems),
    };
  };
}

// --- internal ---

/** Some ask their user to unlock a keychain first. */
const helperMilliseconds = 30_000;

/** Docker's, then podman's. */
const filesOf = ({ env, home }: LocalEffects) => [
  join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
  ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
];

/** `helpers` by registry; `store` is the helper for all others. */
type LocalConfig = { entries: ConfigEntry[]; helpers: Map<string, unknown>; store?: unknown; problems: string[] };

async function readConfig(file: string, readFile: LocalEffects['readFile']): Promise<LocalConfig> {
  const nothing = (...problems: string[]) => ({ entries: [], helpers: new Map<string, unknown>(), problems });
  let text: string;
  try {
    text = await readFile(file);
  } catch (error) {
    const code = readErrorCode(error);
    return code === 'ENOENT' ? nothing() : nothing(`the file ${file} cannot be read (${code}); make it readable`);
  }
  const read = readDockerConfig(text);
  if (!read) return nothing(`the file ${file} is malformed; correct it, or log in again`);
  const { config, entries } = read;
  const helpers = new Map<string, unknown>(Object.entries(config.credHelpers ?? {}));
  return { entries, helpers, store: config.credsStore, problems: [] };
}

/** Docker Hub has had several names; docker asks with the first. */
const dockerHubAddresses = ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'];

function helperFor(registry: string, { helpers, store }: LocalConfig): { helper: string | undefined; address: string } {
  const addresses = registry === 'docker.io' ? dockerHubAddresses : [registry];
  const address = addresses.find((each) => helpers.has(each)) ?? addresses[0] ?? '';
  const helper = helpers.get(address) ?? store;
  return { helper: typeof helper === 'string' && helper !== '' ? helper : undefined, address };
}
