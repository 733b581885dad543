/**
 * The credentials in pull secrets and docker's config files, read as the kubelet reads them.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/credentialprovider/config.go
 */
import { isObject, parseObject } from '../../util/json-object.ts';
import { measureJson } from '../../util/measure-json.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { type Credential, maxCredentialLength } from './credential.ts';

/** `key` is host[:port][/path] of the images that the credential is for; * stands for any part of a label of the host. */
export type ConfigEntry = { key: string; credential: Credential };

/**
 * @param title such as `the Secret shop/regcred`
 * @param secret as the API server gives it: its data are in base64
 * @returns its entries, none for an address without a credential; or why no kubelet can use it, without its full stop
 */
export function decodePullSecret(
  title: string,
  { type, data }: { type?: string; data?: Readonly<Record<string, string>> },
): Result<ConfigEntry[], string> {
  const field = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson';
  if (type !== `kubernetes.io/${field.slice(1)}`)
    return fail(`${title} is not of the type kubernetes.io/dockerconfigjson; ${remedy}`);
  const content = data?.[field];
  if (!content) return fail(`${title} has no ${field}; ${remedy}`);
  const bytes = Buffer.from(content, 'base64');
  if (measureJson(bytes, secretBounds).values > secretBounds.values)
    return fail(`${field} of ${title} has more than ${secretBounds.values} JSON values; ${remedy}`);
  const text = bytes.toString();
  const entries = field === '.dockercfg' ? readAuths(parseObject(text)) : readDockerConfig(text)?.entries;
  return entries ? ok(entries) : fail(`${field} of ${title} is malformed; ${remedy}`);
}

/** @returns the whole config and the credentials in its `auths`, which may be missing; undefined for malformed text */
export function readDockerConfig(
  text: string,
): { config: Record<string, unknown>; entries: ConfigEntry[] } | undefined {
  const config = parseObject(text);
  const entries = config && readAuths(config.auths ?? {});
  return entries && { config, entries };
}

// --- internal ---

/** @returns undefined for anything but an object of addresses and their credentials */
function readAuths(auths: unknown): ConfigEntry[] | undefined {
  if (!isObject(auths)) return undefined;
  const entries: ConfigEntry[] = [];
  for (const [address, auth] of Object.entries(auths)) {
    const credential = readAuth(auth ?? {});
    if (credential === 'malformed') return undefined;
    if (credential !== 'none') entries.push({ key: keyOf(address), credential });
  }
  return entries;
}

/** Ten for each of the 250 registries of which Clockout uses the credentials. The owner of a Secret can put 180,000 into it. */
const secretBounds = { values: 2500, keys: 2500, depth: 100 } as const;

const remedy = 'create one with `kubectl create secret docker-registry`';

/** A kubelet ignores `identitytoken`, which docker prefers to a password: `docker login` leaves the password empty then. */
function readAuth(auth: unknown): Credential | 'none' | 'malformed' {
  if (!isObject(auth)) return 'malformed';
  const [username, password, encoded, token] = ['username', 'password', 'auth', 'identitytoken'].map(
    (name) => auth[name] ?? '',
  );
  if (typeof username !== 'string' || typeof password !== 'string') return 'malformed';
  if (typeof encoded !== 'string' || typeof token !== 'string') return 'malformed';
  const login = encoded === '' ? { username, password } : decodeLogin(encoded);
  if (!login || [login.username, login.password, token].some(({ length }) => length > maxCredentialLength))
    return 'malformed';
  if (token !== '') return { kind: 'identity-token', token };
  return login.username === '' ? 'none' : { kind: 'basic', ...login };
}

/** USERNAME:PASSWORD in base64, padded or not; line breaks are allowed in it. */
function decodeLogin(encoded: string): { username: string; password: string } | undefined {
  const base64 = encoded.replace(/[\r\n]/g, '');
  const [, digits = '', padding = ''] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(base64) ?? [];
  if (digits.length % 4 === 1 || (padding && base64.length % 4 !== 0)) return undefined;
  const login = Buffer.from(digits, 'base64').toString();
  const colon = login.indexOf(':');
  return colon < 0 ? undefined : { username: login.slice(0, colon), password: login.slice(colon + 1) };
}

/** An address is a URL or a host alone; the URL of an API, such as https://index.docker.io/v1/, stands for its host. */
function keyOf(address: string): string {
  const [place = ''] = address.replace(/^https?:\/\//, '').split(/[?#]/, 1);
  const slash = place.indexOf('/');
  if (slash < 0) return place;
  const path = place.slice(slash).replace(/^\/v[12](?=\/)/, '');
  return place.slice(0, slash) + (path === '/' ? '' : path);
}
