/** Debian's docker-registry (the distribution project's), on loopback, with nothing in it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type DockerRegistry = {
  /** host:port */
  host: string;
  close: () => Promise<void>;
};

export type DockerRegistryOptions = {
  /** Names and their passwords. */
  users?: Record<string, string>;
  /** Where tokens are made, by whom, and with which certificate in PEM. */
  token?: { realm: string; service: string; issuer: string; certificate: string };
  tls?: { cert: string; key: string };
};

export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'clockout-registry-'));
  const child = spawn('docker-registry', ['serve', await writeConfig(folder, '127.0.0.1:0', options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async () => {
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true });
  };
  try {
    return { host: await addressOf(child), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Writes what it is told at its start into a folder, where it then keeps its images, too.
 * @param address where it listens: `host:port`
 * @returns the path of the file for `docker-registry serve`
 */
export async function writeConfig(
  folder: string,
  address: string,
  { users, token, tls }: DockerRegistryOptions,
): Promise<string> {
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const http = {
    addr: address,
    secret: 'none',
    ...(tls && { tls: { certificate: await file('tls.crt', tls.cert), key: await file('tls.key', tls.key) } }),
  };
  const auth = {
    ...(users && { htpasswd: { realm: 'test', path: await file('htpasswd', htpasswd(users)) } }),
    ...(token && {
      token: {
        realm: token.realm,
        service: token.service,
        issuer: token.issuer,
        rootcertbundle: await file('token.crt', token.certificate),
      },
    }),
  };
  const storage = { filesystem: { rootdirectory: join(folder, 'data') } };
  // JSON is YAML.
  const config = JSON.stringify({
    version: 0.1,
    log: { level: 'info' },
    storage,
    http,
    ...(users || token ? { auth } : {}),
  });
  return await file('config.yml', config);
}

// --- internal ---

/** It takes a port that is free, and says so in its log. */
function addressOf(child: ChildProcess): Promise<string> {
  let log = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`docker-registry ${why}:\n${log}`));
    const timeout = setTimeout(() => fail('did not start in 20 s'), 20_000);
    child.on('error', ({ message }) => fail(`could not be started (${message})`));
    child.on('exit', (code) => fail(`ended with code ${code}`));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-20_000);
      const [, address] = /listening on ([\d.]+:\d+)/.exec(log) ?? [];
      if (!address) return;
      clearTimeout(timeout);
      resolve(address);
    });
  });
}

/** It knows bcrypt only, as does the crypt of every Debian's Perl. */
const htpasswd = (users: Record<string, string>) =>
  Object.entries(users)
    .map(([name, password]) => `${name}:${crypt(password)}\n`)
    .join('');

const crypt = (password: string) =>
  execFileSync('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, '$2b$04$clockoutclockoutclockou'], {
    encoding: 'utf8',
  });
