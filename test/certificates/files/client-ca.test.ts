import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkClientCas, loadClientCas, openClientCas } from '../../../src/certificates/files/client-ca.ts';
import { day, makeClientCa } from '../client-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-client-ca-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const [one, two, old] = await Promise.all([makeClientCa(), makeClientCa(), makeClientCa({ from: -9, to: -2 })]);
const { cert: intermediate } = await two.issue({ subject: 'CN=middle', isCa: true });
const { cert: leaf } = await one.issue({ subject: 'CN=kube-apiserver, O=ops' });

describe('the file of client CAs', () => {
  it('may hold one or several CAs, and intermediate CAs', async () => {
    const chain = write('chain.pem', two.cert + intermediate);
    expect(await loadClientCas(chain)).toMatchObject({ ok: true, value: { periods: [{}, {}] } });
    const loaded = await loadClientCas(write('two.pem', `# both\n${one.cert}${two.cert}`));
    expect(loaded).toMatchObject({ ok: true, value: { certificates: [one.cert, two.cert] } });
  });

  it.each([
    [
      'does not exist',
      join(folder, 'missing.pem'),
      /^The CA certificate file .*missing\.pem cannot be read \(ENOENT\)\.$/,
    ],
    ['is empty', write('empty.pem', ''), /^The file .*empty\.pem holds no CA certificate in PEM form/],
    ['holds something else', write('text.pem', 'ca'), /holds no CA certificate in PEM form/],
    [
      'holds a certificate that is cut off',
      write('cut.pem', one.cert + two.cert.slice(0, 200)),
      /holds no CA certificate in PEM form/,
    ],
    [
      'holds a CA without the one that signed it',
      write('intermediate.pem', one.cert + intermediate),
      /^The certificate of "CN=middle" in .*intermediate\.pem is signed by "CN=callers \w+", which is not in the file; add that one\.$/,
    ],
    ['holds a broken one', write('broken.pem', one.cert.replace('MII', 'AII')), /holds no CA certificate in PEM form/],
    [
      "holds a caller's certificate",
      write('leaf.pem', one.cert + leaf),
      /^The certificate of "CN=kube-apiserver, O=ops" in .*leaf\.pem is not a CA; give the CA that signed it\.$/,
    ],
  ])('is refused if it %s', async (_, file, problem) => {
    expect(await loadClientCas(file)).toEqual({ ok: false, problem: [expect.stringMatching(problem)] });
  });

  it.each([
    ['valid', one.cert, 0, true],
    ['expired', one.cert, 2 * day, false],
    ['not valid yet', one.cert, -2 * day, false],
    ['one valid, one expired', old.cert + one.cert, 0, true],
  ])('is a problem when no CA in it is valid: %s', async (_, pem, offset, isGood) => {
    const loaded = await loadClientCas(write('period.pem', pem));
    if (!loaded.ok) throw new Error(`${loaded.problem}`);
    const problem = checkClientCas(loaded.value, new Date(Date.now() + offset));
    expect(problem).toEqual(
      isGood ? undefined : expect.stringMatching(/^no CA in CLOCKOUT_CLIENT_CA_FILE is valid now/),
    );
  });

  it('is read again when it changes, and keeps the last good CAs if it cannot be used', async () => {
    const file = write('changing.pem', one.cert);
    const told: string[] = [];
    const opened = await openClientCas(file, {
      changed: () => told.push('changed'),
      failed: (problem) => told.push(problem),
    });
    if (!opened.ok) throw new Error(`${opened.problem}`);
    const source = opened.value;
    source.onChange(({ certificates }) => told.push(certificates.join('')));
    write('changing.pem', 'nothing');
    await expect.poll(() => told).toEqual([expect.stringContaining('holds no CA certificate')]);
    expect(source.problems()).toEqual(told);
    expect(source.current().certificates).toEqual([one.cert]);
    write('changing.pem', two.cert);
    await expect.poll(() => told.slice(1)).toEqual([two.cert, 'changed']);
    expect(source.problems()).toEqual([]);
    source.close();
  });
});
