/** Parses the name of an image as the kubelet does: registry, repository, tag and digest. */
import { fail, ok, type Result } from '../util/result.ts';
import { isDigest } from './digest.ts';

/** An image's name in parts. `registry` is host[:port], and docker.io for Docker Hub; there is a tag, a digest, or both. */
export type Reference = { registry: string; repository: string; tag?: string; digest?: string };

/**
 * Accepts what both a kubelet and a client for the registry accept. Time is linear in the text's length.
 * @returns the parts after defaults (docker.io, library/, latest), or what is wrong, as a sentence without its full stop
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go for the grammar, normalize.go for the defaults
 */
export function parseReference(text: string): Result<Reference, string> {
  const problem = findTextProblem(text);
  if (problem) return refuse(text, problem);
  const { registry, rest } = splitRegistry(text);
  const [, repository = '', tag, digest] = /^([^:@]*)(?::([^@]*))?(?:@(.*))?$/s.exec(rest) ?? [];
  const broken = findPlaceProblem(registry, repository) ?? findVersionProblem(tag, digest);
  if (broken) return refuse(text, broken);
  const wanted = tag === undefined && digest === undefined ? 'latest' : tag;
  const version = { ...(wanted !== undefined && { tag: wanted }), ...(digest !== undefined && { digest }) };
  return ok({ registry, repository, ...version });
}

// --- internal ---

/** More than a host (253 and its port), repository (255), tag (128) and digest (135) together. */
export const longestReference = 1024;

const refuse = (text: string, problem: string): Result<never, string> =>
  fail(`invalid image reference ${quote(text)}: ${problem}`);

function findTextProblem(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > longestReference) return `it has ${text.length} characters, more than ${longestReference}`;
  if (!/^[!-~]*$/.test(text)) return 'only printable ASCII without spaces may be in it';
  if (text.includes('://')) return 'leave out the scheme';
  if (imageId.test(text)) return '64 hexadecimal digits are the ID of an image; write its name';
  return undefined;
}

function findPlaceProblem(registry: string, repository: string): string | undefined {
  // To the grammar foo_bar.com is no host, so all of foo_bar.com/app is path; yet containerd pulls it from foo_bar.com.
  const path = isHost(registry) ? repository : `${registry}/${repository}`;
  if (/[A-Z]/.test(repository)) return 'its repository must be lower-case';
  if (!isHost(registry) && !isPathComponent(registry)) return 'expected as its registry HOST or HOST:PORT';
  if (!path.split('/').every(isPathComponent)) return `expected as its repository ${repositoryForm}`;
  if (path.length > 255) return `its repository has ${path.length} characters, more than 255`;
  if (!URL.canParse(`https://${registry}`)) return 'its registry has no valid IP address, port or host name';
  return undefined;
}

function findVersionProblem(tag: string | undefined, digest: string | undefined): string | undefined {
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return `expected as its tag ${tagForm}`;
  if (digest !== undefined && !isDigest(digest))
    return 'expected as its digest sha256: and 64 of 0-9a-f (or sha384, sha512)';
  return undefined;
}

const imageId = /^[a-f0-9]{64}$/;
const repositoryForm = 'names of a-z and 0-9 between slashes, joined by single dots, one or two underscores, or dashes';
const tagForm = 'at most 128 letters, digits, underscores, dots and dashes, no dot or dash first';

function splitRegistry(text: string): { registry: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  // A repository has no upper-case letters, so a first part with one is a host.
  const named = first === 'localhost' || /[.:A-Z]/.test(first);
  const registry = !named || first === 'index.docker.io' ? dockerHub : first;
  const rest = named ? text.slice(slash + 1) : text;
  return { registry, rest: registry === dockerHub && !rest.includes('/') ? `library/${rest}` : rest };
}

const dockerHub = 'docker.io';

function isHost(registry: string): boolean {
  const [, address, name = ''] = /^(?:(\[[a-fA-F0-9:]+\])|([^:]+))(?::[0-9]+)?$/.exec(registry) ?? [];
  const isLabel = (text: string) => /^[a-zA-Z0-9-]+$/.test(text) && !/^-|-$/.test(text);
  return address !== undefined || name.split('.').every(isLabel);
}

const isPathComponent = (text: string) =>
  /^[a-z0-9._-]+$/.test(text) && !/^[._-]|[._-]$/.test(text) && !/\.[._-]|[_-]\.|_-|-_|___/.test(text);

/** Its start, without a user and password that may stand before an @. */
function quote(text: string): string {
  const shown = text.replace(/^.*@(?!sha)/s, '***@');
  const start = shown
    .slice(0, 100)
    .replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return `"${start}${shown.length > 100 ? '…' : ''}"`;
}
