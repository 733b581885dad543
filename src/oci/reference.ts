/** What an image is called: its registry, repository, tag and digest, read as the kubelet reads them. */

/** An image as its parts. `registry` is host[:port], and docker.io for Docker Hub; there is a tag, a digest, or both. */
export type Reference = { registry: string; repository: string; tag?: string; digest?: string };

/**
 * Takes what a kubelet and a client for its registry both take. Time is linear in the text's length.
 * @returns the parts after defaults (docker.io, library/, latest), or what is wrong, as a sentence without its full stop
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go for the grammar, normalize.go for the defaults
 */
export function parseReference(text: string): { ok: true; reference: Reference } | { ok: false; problem: string } {
  const { registry, rest } = splitRegistry(text.slice(0, longestReference));
  const [, repository = '', tag, digest] = /^([^:@]*)(?::([^@]*))?(?:@(.*))?$/s.exec(rest) ?? [];
  // To the grammar foo_bar.com is no host, so all of foo_bar.com/app is path; yet containerd pulls it from foo_bar.com.
  const path = isHost(registry) ? repository : `${registry}/${repository}`;
  const rules: [broken: boolean, problem: string][] = [
    [text === '', 'it is empty'],
    [text.length > longestReference, `it has ${text.length} characters, more than ${longestReference}`],
    [!/^[!-~]*$/.test(text), 'only printable ASCII without spaces may be in it'],
    [text.includes('://'), 'leave out the scheme'],
    [imageId.test(text), '64 hexadecimal digits are the ID of an image; write its name'],
    [/[A-Z]/.test(repository), 'its repository must be lower-case'],
    [!isHost(registry) && !isPathComponent(registry), 'expected as its registry HOST or HOST:PORT'],
    [!path.split('/').every(isPathComponent), `expected as its repository ${repositoryForm}`],
    [path.length > 255, `its repository has ${path.length} characters, more than 255`],
    [!URL.canParse(`https://${registry}`), 'its registry has no valid IP address, port or host name'],
    [tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag), `expected as its tag ${tagForm}`],
    [digest !== undefined && !isDigest(digest), `expected as its digest sha256: and 64 of 0-9a-f (or sha384, sha512)`],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken) return { ok: false, problem: `${quote(text)} is no image reference: ${broken[1]}` };
  const wanted = tag === undefined && digest === undefined ? 'latest' : tag;
  const version = { ...(wanted !== undefined && { tag: wanted }), ...(digest !== undefined && { digest }) };
  return { ok: true, reference: { registry, repository, ...version } };
}

/** In full, so that parsing it gives the same again. */
export const formatReference = ({ registry, repository, tag, digest }: Reference) =>
  `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

// --- internal ---

/** More than any host (253 and its port), repository (255), tag (128) and digest (135) that exist. */
export const longestReference = 1024;

const imageId = /^[a-f0-9]{64}$/;
const repositoryForm = 'names of a-z and 0-9 between slashes, joined by single dots, one or two underscores, or dashes';
const tagForm = 'at most 128 letters, digits, underscores, dots and dashes, no dot or dash first';

function splitRegistry(text: string): { registry: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  // No repository has an upper-case letter, so what has one must be a host.
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

/** Algorithms that the kubelet knows. @see https://github.com/opencontainers/go-digest/blob/v1.0.0/algorithm.go */
const isDigest = (text: string) => /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/.test(text);

/** Its start, fit for a sentence; without the user and password that somebody may have written before an @. */
function quote(text: string): string {
  const shown = text.replace(/^.*@(?!sha)/s, '***@');
  const start = shown
    .slice(0, 100)
    .replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return `"${start}${shown.length > 100 ? '…' : ''}"`;
}
