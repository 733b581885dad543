/** What registries, and those who write references and pull secrets, can send. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseChallenges } from '../../../src/oci/auth/challenge.ts';
import { decodePullSecret } from '../../../src/oci/credentials/docker-config.ts';
import { selectCredentials } from '../../../src/oci/credentials/select-credentials.ts';
import { parseReference, type Reference } from '../../../src/oci/reference.ts';
import { mutatedJson, mutatedText } from '../mutations.ts';
import { defineTarget } from '../target.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
const images = [
  ...['busybox', 'busybox:1.36', 'localhost:5000/app', `registry.example.com/team/app:1@${digest}`],
  ...['[2001:db8::1]:5000/repo', 'index.docker.io/jess/t', `a/b@${digest}`],
];

const format = ({ registry, repository, tag, digest }: Reference) =>
  `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;

export const references = defineTarget({
  name: 'references',
  inputs: mutatedText(images, [
    ':',
    '@',
    '/',
    '//',
    '.',
    '..',
    '[',
    ']',
    '-',
    '_',
    'A',
    'é',
    '%',
    '#',
    '?',
    ' ',
    '\u0000',
  ]),
  check: (text) => {
    const parsed = parseReference(text);
    if (!parsed.ok) return;
    const full = format(parsed.value);
    assert.deepEqual(parseReference(full), parsed, `${full} is another image`);
    assert(URL.canParse(`https://${parsed.value.registry}/v2/${parsed.value.repository}/`), `${full} makes no URL`);
    assert.equal(new URL(`https://${parsed.value.registry}/`).pathname, '/');
  },
});

const headers = [
  'Bearer realm="https://a/t",service="s",scope="repository:a:pull"',
  'Basic realm="a", Bearer realm="b"',
];

export const challenges = defineTarget({
  name: 'challenges',
  inputs: mutatedText(headers, ['"', '\\', ',', '=', ' ', 'Bearer ', 'realm=', '\t', '\u0000', 'é']),
  check: (header) => {
    for (const { scheme, parameters } of parseChallenges(header)) {
      assert.equal(scheme, scheme.toLowerCase());
      for (const value of parameters.values())
        assert(value.length <= header.length, 'a value is longer than the header');
    }
  },
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const configs = [
  { auths: { 'quay.io': { auth: base64('a:hunter2') }, '*.example.com': { username: 'a', password: 'hunter2' } } },
  {
    auths: { 'https://index.docker.io/v1/': { identitytoken: 'hunter2' }, 'a.io/team': { auth: base64('b:hunter2') } },
  },
];

export const keychains = defineTarget({
  name: 'keychains',
  inputs: fc.tuple(mutatedJson(configs), fc.constantFrom('kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg')),
  check: ([config, type]) => {
    const data = base64(JSON.stringify(config) ?? '');
    const secret = { type, data: { '.dockerconfigjson': data, '.dockercfg': data } };
    const decoded = decodePullSecret('the Secret shop/regcred', secret);
    if (!decoded.ok) return assert(!decoded.problem.includes('hunter2'), 'the problem tells a password');
    const parsed = parseReference('quay.io/team/app');
    if (parsed.ok) assert(selectCredentials(parsed.value, decoded.value).length <= decoded.value.length);
  },
});
