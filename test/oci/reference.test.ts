import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseReference, type Reference } from '../../src/oci/reference.ts';
import { numRuns } from '../support/runs.ts';

const formatReference = ({ registry, repository, tag, digest }: Reference) =>
  `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

const hex = (length: number) => '0123456789abcdef'.repeat(8).slice(0, length);
const sha256 = `sha256:${hex(64)}`;
const sha512 = `sha512:${hex(128)}`;

/** In full, or undefined where it is refused. */
const read = (text: string) => {
  const parsed = parseReference(text);
  return parsed.ok ? formatReference(parsed.value) : undefined;
};
const problemOf = (text: string) => {
  const parsed = parseReference(text);
  return parsed.ok ? '' : parsed.problem;
};

describe('a reference in full', () => {
  it.each([
    ['a name', 'busybox', 'docker.io/library/busybox:latest'],
    ['a tag', 'busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['a tag that could be a port', 'test.com:5000', 'docker.io/library/test.com:5000'],
    ['a name that could be a host', 'localhost', 'docker.io/library/localhost:latest'],
    ['a user', 'jess/t', 'docker.io/jess/t:latest'],
    ['a user named library', 'library/busybox', 'docker.io/library/busybox:latest'],
    ['a user that could be a host without its port', 'registry/app', 'docker.io/registry/app:latest'],
    ['a user that no host could have', 'do__cker/app', 'docker.io/do__cker/app:latest'],
    ['Docker Hub', 'docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['Docker Hub by its old name', 'index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['Docker Hub by its old name, and a user', 'index.docker.io/jess/t', 'docker.io/jess/t:latest'],
    ['Docker Hub under another port', 'docker.io:443/busybox', 'docker.io:443/busybox:latest'],
    ['more than two names', 'store/foo/bar', 'docker.io/store/foo/bar:latest'],
    ['localhost', 'localhost/app', 'localhost/app:latest'],
    [
      'a host',
      'b.gcr.io/test.example.com/my-app:test.example.com',
      'b.gcr.io/test.example.com/my-app:test.example.com',
    ],
    ['a host and a port', 'test:5000/repo:tag', 'test:5000/repo:tag'],
    ['a host in capitals', 'Foo/bar', 'Foo/bar:latest'],
    ['an international host', 'xn--n3h.com:18080/foo', 'xn--n3h.com:18080/foo:latest'],
    ['a host that only containerd takes for one', 'foo_bar.com/app', 'foo_bar.com/app:latest'],
    ['IPv4', '192.168.0.1/debian', '192.168.0.1/debian:latest'],
    ['IPv4 alone, a name', '192.168.0.1:80', 'docker.io/library/192.168.0.1:80'],
    ['IPv6', '[2001:db8::1]/repo', '[2001:db8::1]/repo:latest'],
    ['IPv6 and a port', '[fc00:1:2:3:4:5:6:7]:5000/library/debian:1', '[fc00:1:2:3:4:5:6:7]:5000/library/debian:1'],
    ['a digest, and no tag is made up', `busybox@${sha256}`, `docker.io/library/busybox@${sha256}`],
    ['a tag and a digest', `test:5000/repo:tag@${sha256}`, `test:5000/repo:tag@${sha256}`],
    ['a longer digest', `a/b@${sha512}`, `docker.io/a/b@${sha512}`],
    ['a third algorithm', `a/b@sha384:${hex(96)}`, `docker.io/a/b@sha384:${hex(96)}`],
    ['an image ID behind a host', `docker.io/${hex(64)}`, `docker.io/library/${hex(64)}:latest`],
    ['63 hexadecimal digits', hex(63), `docker.io/library/${hex(63)}:latest`],
    ['dashes', 'registry.io/foo/id--a.b---c', 'registry.io/foo/id--a.b---c:latest'],
    ['a tag in capitals', 'lowercase:Uppercase_1.-', 'docker.io/library/lowercase:Uppercase_1.-'],
    ['a tag of 128', `a:${'b'.repeat(128)}`, `docker.io/library/a:${'b'.repeat(128)}`],
    ['a repository of 255', `a.io/${'b'.repeat(255)}`, `a.io/${'b'.repeat(255)}:latest`],
  ])('%s', (_, text, full) => expect(read(text)).toBe(full));
});

describe('no reference', () => {
  it.each([
    ['nothing', '', 'it is empty'],
    ['a tag alone', ':tag', 'expected as its repository names of a-z'],
    ['a digest alone', `@${sha256}`, 'expected as its repository names of a-z'],
    ['a host alone', 'docker.io/', 'expected as its repository names of a-z'],
    ['IPv6 alone', '[2001:db8::1]:5000', 'expected as its repository names of a-z'],
    ['IPv6 without brackets', 'fc00::1:5000/debian', 'expected as its registry HOST or HOST:PORT'],
    ['IPv6 with a zone', '[fe80::1%eth0]:5000/debian', 'expected as its registry HOST or HOST:PORT'],
    ['IPv6 with IPv4 in it', '[2001:db8:3:4::192.0.2.33]:5000/debian', 'expected as its registry HOST or HOST:PORT'],
    ['no IPv6 in brackets', '[fd00123]:80/debian', 'no valid IP address, port or host name'],
    ['IPv4 out of range', '256.1.1.1/debian', 'no valid IP address, port or host name'],
    ['a port out of range', 'test:65536/debian', 'no valid IP address, port or host name'],
    ['no number as port', 'test:http/debian', 'expected as its registry HOST or HOST:PORT'],
    ['an empty port', 'test.io:/debian', 'expected as its registry HOST or HOST:PORT'],
    ['an underscore in a host with a port', 'foo_bar.com:8080/app', 'expected as its registry HOST or HOST:PORT'],
    ['a host that starts with a dash', '-docker.io/debian', 'expected as its registry HOST or HOST:PORT'],
    ['a host that ends with a dash', 'docker-.io/debian', 'expected as its registry HOST or HOST:PORT'],
    ['two dots in a host', 'a..io/debian', 'expected as its registry HOST or HOST:PORT'],
    ['a scheme', 'https://github.com/docker/docker', 'leave out the scheme'],
    ['capitals in a name', 'docker/Docker', 'must be lower-case'],
    ['capitals in a name alone', 'Uppercase:tag', 'must be lower-case'],
    ['slashes', 'docker///docker', 'expected as its repository names of a-z'],
    ['a slash at the end', 'a/a/', 'expected as its repository names of a-z'],
    ['a slash at the start', '/a', 'expected as its repository names of a-z'],
    ['a dash at the start', '-docker', 'expected as its repository names of a-z'],
    ['a dash at the end', 'docker-/docker', 'expected as its repository names of a-z'],
    ['three underscores', 'dock___er/docker', 'expected as its repository names of a-z'],
    ['two dots', 'a/dock..er', 'expected as its repository names of a-z'],
    ['a dot and an underscore', 'a/dock_.er', 'expected as its repository names of a-z'],
    ['a dash and a dot', 'a/dock-.er', 'expected as its repository names of a-z'],
    ['a dash and an underscore', 'a/dock-_er', 'expected as its repository names of a-z'],
    ['other characters', 'aa/asdf$$^/aa', 'expected as its repository names of a-z'],
    ['an image ID', hex(64), '64 hexadecimal digits are the ID of an image'],
    ['a repository of 256', `a.io/${'b'.repeat(256)}`, 'its repository has 256 characters, more than 255'],
    ['a longer text', 'a'.repeat(100_000), 'it has 100000 characters, more than 1024'],
    ['no tag', 'busybox:', 'expected as its tag at most 128'],
    ['two tags', 'busybox:a:b', 'expected as its tag at most 128'],
    ['a tag that starts with a dot', 'busybox:.a', 'expected as its tag at most 128'],
    ['a tag of 129', `a:${'b'.repeat(129)}`, 'expected as its tag at most 128'],
    ['no digest', 'busybox@', 'expected as its digest sha256:'],
    ['a short digest', `busybox@sha256:${hex(63)}`, 'expected as its digest sha256:'],
    ['a long digest', `busybox@sha256:${hex(65)}`, 'expected as its digest sha256:'],
    ['a digest in capitals', `busybox@sha256:${hex(64).toUpperCase()}`, 'expected as its digest sha256:'],
    ['an algorithm that no kubelet has', `busybox@md5:${hex(32)}`, 'expected as its digest sha256:'],
    ['a space', 'busy box', 'only printable ASCII'],
    ['a line break at the end', 'busybox\n', 'only printable ASCII'],
    ['other alphabets', 'büsybox', 'only printable ASCII'],
  ])('%s', (_, text, problem) => expect(problemOf(text)).toContain(problem));

  it('is quoted without what a terminal or a log would act on', () =>
    expect(problemOf('a\u0000\u001b[31m\r\n\u202e😀/x')).toBe(
      'invalid image reference "a\\u{0}\\u{1b}[31m\\u{d}\\u{a}\\u{202e}\\u{1f600}/x": only printable ASCII without spaces may be in it',
    ));

  it.each([
    'https://alice:hunter2@reg.io/app',
    'alice:hunter2@reg.io/app',
    'alice:hunter2@reg.io',
    `alice:hunter2@reg.io/a@${sha256}`,
  ])('is quoted without a password: %s', (text) => {
    expect(problemOf(text)).toContain('"***@reg.io');
    expect(problemOf(text)).not.toMatch(/alice|hunter2/);
  });

  it('is quoted only in part', () => expect(problemOf('a'.repeat(100_000)).length).toBeLessThan(250));
});

describe('laws', () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,6}[a-zA-Z0-9])?$/);
  const host = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => ['x', ...labels, 'io'].join('.')),
    fc.ipV4(),
    fc
      .ipV6()
      .filter((address) => !address.includes('.'))
      .map((address) => `[${address}]`),
    fc.constantFrom('localhost', 'docker.io'),
  );
  const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
  const registry = fc.tuple(host, port).map(([name, number]) => (number === undefined ? name : `${name}:${number}`));
  const atom = fc.stringMatching(/^[a-z0-9]{1,5}$/);
  const separator = fc.constantFrom('.', '_', '__', '-', '---');
  const component = fc
    .array(fc.tuple(separator, atom), { maxLength: 2 })
    .chain((rest) => atom.map((first) => first + rest.flat().join('')));
  const repository = fc.array(component, { minLength: 2, maxLength: 4 }).map((names) => names.join('/'));
  const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,127}$/), { nil: undefined });
  const digest = fc.constantFrom(undefined, sha256, sha512);

  it('what the grammar makes is read as it was made', () =>
    fc.assert(
      fc.property(registry, repository, tag, digest, (...[named, path, version, content]) => {
        fc.pre(URL.canParse(`https://${named}`));
        const made = {
          registry: named,
          repository: path,
          ...(version !== undefined && { tag: version }),
          ...(content !== undefined && { digest: content }),
        };
        const latest = version === undefined && content === undefined ? { tag: 'latest' } : {};
        expect(parseReference(formatReference(made))).toEqual({ ok: true, value: { ...made, ...latest } });
      }),
    ));

  const nearly = fc.string({
    unit: fc.constantFrom('a', 'B', '0', '.', '-', '_', ':', '/', '@', '[', ']'),
    maxLength: 14,
  });

  it('any text gets an answer: a reference that reads the same again, or a sentence fit to print', () =>
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' }), registry, repository), (text) => {
        const parsed = parseReference(text);
        if (!parsed.ok) {
          expect(parsed.problem).toMatch(/^invalid image reference "[ -~]*…?": [ -~]+$/);
          return;
        }
        expect(parseReference(formatReference(parsed.value))).toEqual(parsed);
        expect(URL.canParse(`https://${parsed.value.registry}/v2/${parsed.value.repository}/`)).toBe(true);
      }),
      { numRuns: numRuns(3000) },
    ));
});
