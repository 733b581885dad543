import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { createCaBundlePatch, findForeignService, isTrusted } from '../../../src/certificates/shared-ca/ca-bundle.ts';
import type { WebhookConfiguration } from '../../../src/certificates/shared-ca/store.ts';

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const [one, two] = [pem('b25l'), pem('dHdv')];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const configuration = (...bundles: (string | undefined)[]): WebhookConfiguration => ({
  metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '7' },
  webhooks: bundles.map((caBundle, i) => ({
    name: `w${i}.clockout.dev`,
    clientConfig: caBundle === undefined ? {} : { caBundle },
  })),
});

describe('the patch of the caBundle', () => {
  it.each<[string, (string | undefined)[], number[]]>([
    ['absent, as the chart leaves it', [undefined, undefined], [0, 1]],
    ['of an older authority', [base64(one), base64(one + two)], [0]],
    ['wiped', [''], [0]],
    ['as it should be', [base64(one + two)], []],
    ['of a configuration without webhooks', [], []],
  ])('%s', (_, bundles, changed) => {
    const before = configuration(...bundles);
    const patch = createCaBundlePatch(before, one + two);
    const paths = patch.flatMap(({ op, path }) => (op === 'test' ? [] : [path]));
    expect(paths).toEqual(changed.map((index) => `/webhooks/${index}/clientConfig/caBundle`));
    const after = jsonPatch.applyPatch(before, patch, true, false).newDocument;
    for (const { clientConfig } of after.webhooks ?? []) expect(clientConfig.caBundle).toBe(base64(one + two));
  });

  it('is only for the object that was read', () => {
    const patch = createCaBundlePatch(configuration(undefined), one);
    const newer = { ...configuration(undefined), metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '8' } };
    expect(() => jsonPatch.applyPatch(newer, patch, true, false)).toThrow();
  });
});

describe('what the API server isTrusted', () => {
  it.each<[string, (string | undefined)[], boolean]>([
    ['the authority alone', [base64(one)], true],
    ['it among others', [base64(two + one)], true],
    ['another', [base64(two)], false],
    ['it in one webhook only', [base64(one), base64(two)], false],
    ['nothing', [undefined], false],
    ['no webhook at all', [], false],
  ])('%s', (_, bundles, expected) => expect(isTrusted(configuration(...bundles), one)).toBe(expected));
});

describe('the Services that it calls', () => {
  const calling = (...namespaces: string[]): WebhookConfiguration => ({
    ...configuration(),
    webhooks: namespaces.map((namespace) => ({
      name: 'w.clockout.dev',
      clientConfig: { service: { name: 'clockout', namespace } },
    })),
  });
  it.each<[string, WebhookConfiguration, string | undefined]>([
    ['are ours', calling('mesh', 'mesh'), undefined],
    ["are another installation's", calling('mesh', 'other'), 'clockout.other.svc'],
    ['are none: it is called by URL', configuration(undefined), undefined],
  ])('%s', (_, given, expected) =>
    expect(findForeignService(given, ['localhost', 'clockout.mesh.svc'])).toBe(expected),
  );
});
