import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import { type ConfigEntry, decodePullSecret } from '../../../src/oci/credentials/docker-config.ts';
import { selectCredentials } from '../../../src/oci/credentials/select-credentials.ts';
import { parseReference } from '../../../src/oci/reference.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

const dockerconfigjson = (config: unknown) => ({
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': base64(typeof config === 'string' ? config : JSON.stringify(config)) },
});

const decode = (secret: Parameters<typeof decodePullSecret>[1]) => decodePullSecret('the Secret shop/regcred', secret);

function entriesOf(auths: unknown): ConfigEntry[] {
  const decoded = decode(dockerconfigjson({ auths }));
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.value;
}

function credentials(image: string, entries: ConfigEntry[]): Credential[] {
  const parsed = parseReference(image);
  if (!parsed.ok) throw new Error(parsed.problem);
  return selectCredentials(parsed.value, entries);
}

describe('what is told', () => {
  const basic = (username: string, password: string) => [{ kind: 'basic', username, password }];
  it.each<[string, unknown, object[]]>([
    ['username and password', { username: 'foo', password: 'bar', email: 'a@b.c' }, basic('foo', 'bar')],
    ['auth', { auth: base64('foo:bar') }, basic('foo', 'bar')],
    [
      'auth before username and password',
      { username: 'a', password: 'b', auth: base64('ping:pong') },
      basic('ping', 'pong'),
    ],
    ['auth without padding', { auth: 'Zm9vOmJhcg' }, basic('foo', 'bar')],
    ['auth with line breaks', { auth: 'Zm9vOm\nJhcg==\r\n' }, basic('foo', 'bar')],
    ['a password with colons', { auth: base64('foo:b:a:r') }, basic('foo', 'b:a:r')],
    ['a password of other alphabets', { auth: base64('foo:bär😀') }, basic('foo', 'bär😀')],
    ['no password', { auth: base64('foo:') }, basic('foo', '')],
    ['an identity token', { auth: base64('foo:'), identitytoken: 'ey.x' }, [{ kind: 'identity-token', token: 'ey.x' }]],
    ['an identity token alone', { identitytoken: 'ey.x' }, [{ kind: 'identity-token', token: 'ey.x' }]],
    ['nothing', {}, []],
    ['null', null, []],
    ['fields that are null', { username: 'foo', password: null, auth: null }, basic('foo', '')],
    ['no username', { username: '', password: 'bar' }, []],
  ])('%s', (_, auth, told) => expect(credentials('quay.io/app', entriesOf({ 'quay.io': auth }))).toEqual(told));

  it('comes from a Secret of the older type as well', () =>
    expect(
      decode({
        type: 'kubernetes.io/dockercfg',
        data: { '.dockercfg': base64(JSON.stringify({ 'https://quay.io/v1/': { auth: base64('foo:bar') } })) },
      }),
    ).toEqual({
      ok: true,
      value: [{ key: 'quay.io', credential: { kind: 'basic', username: 'foo', password: 'bar' } }],
    }));

  it.each([{}, { auths: null }, { auths: {} }, { HttpHeaders: {} }])('is nothing for %j', (config) =>
    expect(decode(dockerconfigjson(config))).toEqual({ ok: true, value: [] }),
  );
});

describe('a Secret that no kubelet can use', () => {
  const remedy = 'create one with `kubectl create secret docker-registry`';
  const malformed = `.dockerconfigjson of the Secret shop/regcred is malformed; ${remedy}`;

  it.each<[string, Parameters<typeof decodePullSecret>[1], string]>([
    [
      'another type',
      { type: 'Opaque', data: { '.dockerconfigjson': base64('{}') } },
      `the Secret shop/regcred is not of the type kubernetes.io/dockerconfigjson; ${remedy}`,
    ],
    ['no type', {}, `the Secret shop/regcred is not of the type kubernetes.io/dockerconfigjson; ${remedy}`],
    [
      'no data',
      { type: 'kubernetes.io/dockerconfigjson' },
      `the Secret shop/regcred has no .dockerconfigjson; ${remedy}`,
    ],
    [
      "the other type's field",
      { type: 'kubernetes.io/dockercfg', data: { '.dockerconfigjson': base64('{}') } },
      `the Secret shop/regcred has no .dockercfg; ${remedy}`,
    ],
    ['no JSON', dockerconfigjson('{"auths":{"quay.io":{"auth":"aHVudGVyMg'), malformed],
    ['a list', dockerconfigjson([]), malformed],
    ['auths that are a list', dockerconfigjson({ auths: [] }), malformed],
    ['an entry that is text', dockerconfigjson({ auths: { 'quay.io': 'hunter2' } }), malformed],
    ['a number as username', dockerconfigjson({ auths: { 'quay.io': { username: 1 } } }), malformed],
    ['a number as password', dockerconfigjson({ auths: { 'quay.io': { password: 1 } } }), malformed],
    ['a number as token', dockerconfigjson({ auths: { 'quay.io': { identitytoken: 1 } } }), malformed],
    ...['username', 'password', 'identitytoken'].map(
      (name): [string, Parameters<typeof decodePullSecret>[1], string] => [
        `a ${name} that no header can hold`,
        dockerconfigjson({ auths: { 'quay.io': { username: 'a', [name]: 'x'.repeat(16_385) } } }),
        malformed,
      ],
    ),
    ['an auth that is no base64', dockerconfigjson({ auths: { 'quay.io': { auth: 'Zm9vOmJhcg-_' } } }), malformed],
    ['a space in auth', dockerconfigjson({ auths: { 'quay.io': { auth: 'Zm9vOmJhcg== ' } } }), malformed],
    ['too little padding', dockerconfigjson({ auths: { 'quay.io': { auth: 'Zm9vOmJhcg=' } } }), malformed],
    ['a digit too many', dockerconfigjson({ auths: { 'quay.io': { auth: 'Zm9vOmJhc' } } }), malformed],
    ['an auth without a colon', dockerconfigjson({ auths: { 'quay.io': { auth: base64('hunter2') } } }), malformed],
    [
      'more values than 250 registries need',
      dockerconfigjson({ auths: Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`${i}.io`, {}])) }),
      `.dockerconfigjson of the Secret shop/regcred has more than 2500 JSON values; ${remedy}`,
    ],
    [
      'one bad entry among good ones',
      dockerconfigjson({ auths: { 'a.io': { auth: base64('a:b') }, 'quay.io': { auth: 'pants' } } }),
      malformed,
    ],
  ])('%s', (_, secret, problem) => expect(decode(secret)).toEqual({ ok: false, problem }));
});

describe('laws', () => {
  it('any content of a Secret gets an answer, and no problem repeats it', () =>
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom('kubernetes.io/dockercfg', 'x'),
        (content, type) => {
          const marked = `"hunter2",${content}`;
          const decoded = decode({ type, data: { '.dockercfg': base64(marked), '.dockerconfigjson': base64(marked) } });
          if (!decoded.ok) expect(decoded.problem).not.toContain('hunter2');
        },
      ),
    ));

  it('a username and a password come through as they are', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ unit: 'binary' }), (name, password) => {
        fc.pre(!name.includes(':') && name.isWellFormed() && password.isWellFormed());
        const told = [{ kind: 'basic', username: name, password }];
        expect(credentials('quay.io/app', entriesOf({ 'quay.io': { username: name, password } }))).toEqual(told);
        expect(credentials('quay.io/app', entriesOf({ 'quay.io': { auth: base64(`${name}:${password}`) } }))).toEqual(
          told,
        );
      }),
    ));
});
