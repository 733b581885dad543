/**
 * Programs that keep credentials for docker, such as docker-credential-osxkeychain.
 * @see https://github.com/docker/docker-credential-helpers/blob/v0.9.5/client/client.go
 */
import { execFile } from 'node:child_process';
import { fail, ok, type Result } from '../../util/result.ts';
import type { Credential } from './credential.ts';
import { parseObject } from './docker-config.ts';

/** Undefined if the helper knows no credential; a problem is a sentence without its full stop. */
export type HelperAnswer = Result<Credential | undefined, string>;

type HelperRequest = {
  /** What comes after docker-credential- in the program's name. */
  helper: string;
  /** What docker calls the registry: its host, or https://index.docker.io/v1/. */
  address: string;
  /** Its PATH is where the program is looked for. */
  env: Readonly<Record<string, string | undefined>>;
  /** In milliseconds; then the program is killed. */
  timeout: number;
};

export async function askHelper(request: HelperRequest): Promise<HelperAnswer> {
  const { helper, address } = request;
  // A slash would make a path of it.
  if (!/^[\w.-]+$/.test(helper))
    return fail(`a credential helper's name for ${address} is malformed; correct it in docker's config`);
  const program = `docker-credential-${helper}`;
  const { error, stdout } = await run(program, request);
  if (error && stdout.trim() === notFound) return ok(undefined);
  if (error?.code === 'ENOENT')
    return fail(`docker's config names ${program} for ${address}, and it is not in PATH; install it`);
  const { Username: username, Secret: secret } = parseObject(stdout) ?? {};
  if (error || typeof username !== 'string' || typeof secret !== 'string') {
    // Not its output, which may contain the credential.
    const reason = error?.killed
      ? 'not ended in time'
      : error
        ? `failed with ${error.code ?? error.signal}`
        : 'no JSON';
    const remedy = `see what \`echo ${address} | ${program} get\` says`;
    return fail(`${program} gave no credential for ${address} (${reason}); ${remedy}`);
  }
  if (username === '<token>') return ok({ kind: 'identity-token', token: secret });
  return ok(username === '' ? undefined : { kind: 'basic', username, password: secret });
}

// --- internal ---

const notFound = 'credentials not found in native keychain';

type Ran = { error: (Error & { code?: unknown; killed?: boolean; signal?: unknown }) | null; stdout: string };

const run = (program: string, { address, env, timeout }: HelperRequest) =>
  new Promise<Ran>((resolve) => {
    const options = { env, timeout, killSignal: 'SIGKILL' as const, maxBuffer: 1024 * 1024 };
    const child = execFile(program, ['get'], options, (error, stdout) => resolve({ error, stdout }));
    // It may end without having read all.
    child.stdin?.on('error', () => {}).end(address);
  });
