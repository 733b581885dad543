/** A registry on the node's address, Debian's docker-registry: who has no password gets nothing. Only the node trusts its CA. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { writeConfig } from '../registry/docker-registry.ts';
import { nodeAddress, registryPort } from './addresses.ts';
import { run } from './exec.ts';
import { inState } from './paths.ts';
import { issue, makeAuthority } from './pki.ts';
import { find, kill, logFile, start, stop, tryRead, waitFor } from './processes.ts';
import { registryTrust } from './settings.ts';

/** host:port, as in the names of its images. */
export const registryHost = `${nodeAddress}:${registryPort}`;

export type User = { name: string; password: string };

/** What `kubectl create secret docker-registry` puts into a Secret, and `docker login` into a file. */
export const dockerConfig = ({ name: username, password }: User): string => {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return JSON.stringify({ auths: { [registryHost]: { username, password, auth } } });
};

/** Starts it with nothing in it. @returns its CA, in PEM */
export async function startRegistry(user: User): Promise<string> {
  await stopRegistry(); // of a run that was killed
  for (const folder of [state, trust]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(state);
  writeFileSync(login, dockerConfig(user), { mode: 0o600 });
  const authority = await makeAuthority('CN=registry-ca');
  const ca = authority.certificate.toString('pem');
  mkdirSync(trust, { recursive: true });
  writeFileSync(join(trust, 'ca.crt'), ca);
  const { certificate, key } = await issue(authority, { file: name, name: 'CN=registry', ips: [nodeAddress] });
  const options = { users: { [user.name]: user.password }, tls: { cert: certificate, key } };
  start({ name, argv: [name, 'serve', await writeConfig(state, registryHost, options)] });
  await waitFor([name], 'the registry listens', 20, async () => registryLog().includes(`listening on ${registryHost}`));
  return ca;
}

/** Ends it, even if it is held; its log goes, too. */
export async function stopRegistry(): Promise<void> {
  releaseRegistry();
  await stop(name);
  rmSync(logFile(name), { force: true });
}

/** From now on it takes connections, as the kernel does that, and answers nothing. */
export const holdRegistry = (): void => signal('SIGSTOP');
/** It answers again, also what was asked meanwhile. */
export const releaseRegistry = (): void => signal('SIGCONT');

export const registryLog = (): string => tryRead(logFile(name));

/** Pushes an archive of `buildImages` to it. @param image as in a manifest @returns the digest by which it is known there */
export async function pushImage(archive: string, image: string): Promise<string> {
  const digest = join(state, 'digest');
  const to = ['--authfile', login, '--dest-cert-dir', trust, '--digestfile', digest, `docker://${image}`];
  await run(['skopeo', '--insecure-policy', 'copy', '--quiet', `docker-archive:${archive}`, ...to]);
  return tryRead(digest);
}

/** Gives an image that was pushed further tags, without pushing it again. @param ca of `startRegistry` */
export async function addTags(image: string, tags: readonly string[], user: User, ca: string): Promise<void> {
  const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(image) ?? [];
  const at = (reference: string) => `https://${registryHost}/v2/${repository}/manifests/${reference}`;
  const manifest = await askRegistry(at(`${tag}`), { user, ca });
  for (const each of tags) await askRegistry(at(each), { user, ca, put: manifest });
}

// --- internal ---

type Asked = { user: User; ca: string; put?: { type: string; text: string } };

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#endpoints */
function askRegistry(url: string, { user, ca, put }: Asked): Promise<{ type: string; text: string }> {
  const options = {
    ca,
    auth: `${user.name}:${user.password}`,
    method: put ? 'PUT' : 'GET',
    headers: put ? { 'content-type': put.type } : { accept: manifestType },
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, options, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => {
        if ((response.statusCode ?? 0) < 300) resolve({ type: `${response.headers['content-type']}`, text });
        else reject(new Error(`${options.method} ${url}: ${response.statusCode} ${text}`));
      });
    });
    asked.on('error', reject).end(put?.text);
  });
}

const name = 'docker-registry';
const state = inState(name);
const login = join(state, 'login.json');
/** skopeo and containerd read the same folder, once Docker's. */
const trust = join(registryTrust, registryHost);

const signal = (kind: NodeJS.Signals) => {
  for (const pid of find(name)) kill(pid, kind);
};
