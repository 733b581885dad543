import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  authorityProblem,
  loadClientAuthority,
  openClientAuthority,
} from '../../../src/certificates/files/client-ca.ts';
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
  it('holds one or several, and those between them and the callers', async () => {
    const chain = write('chain.pem', two.cert + intermediate);
    expect(await loadClientAuthority(chain)).toMatchObject({ ok: true, value: { periods: [{}, {}] } });
    const loaded = await loadClientAuthority(write('two.pem', `# both\n${one.cert}${two.cert}`));
    expect(loaded).toMatchObject({ ok: true, value: { certificates: [one.cert, two.cert] } });
  });

  it.each([
    [
      'is not there',
      join(folder, 'missing.pem'),
      /^The CA certificate file .*missing\.pem cannot be read \(ENOENT\)\.$/,
    ],
    ['is empty', write('empty.pem', ''), /^The file .*empty\.pem holds no CA certificate in PEM form/],
    ['holds something else', write('text.pem', 'ca'), /holds no CA certificate in PEM form/],
    [
      'holds one that was cut',
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
  ])('is refused where it %s', async (_, file, problem) => {
    expect(await loadClientAuthority(file)).toEqual({ ok: false, problems: [expect.stringMatching(problem)] });
  });

  it.each([
    ['valid', one.cert, 0, true],
    ['expired', one.cert, 2 * day, false],
    ['not valid yet', one.cert, -2 * day, false],
    ['valid beside an expired one', old.cert + one.cert, 0, true],
  ])('says when no CA in it is valid: %s', async (_, pem, offset, isGood) => {
    const loaded = await loadClientAuthority(write('period.pem', pem));
    if (!loaded.ok) throw new Error(`${loaded.problems}`);
    const problem = authorityProblem(loaded.value, new Date(Date.now() + offset));
    expect(problem).toEqual(
      isGood ? undefined : expect.stringMatching(/^no CA in CLOCKOUT_CLIENT_CA_FILE is valid now/),
    );
  });

  it('is read again when it changes; what cannot be used changes nothing', async () => {
    const file = write('changing.pem', one.cert);
    const told: string[] = [];
    const opened = await openClientAuthority(file, {
      changed: () => told.push('changed'),
      failed: (problem) => told.push(problem),
    });
    if (!opened.ok) throw new Error(`${opened.problems}`);
    const { source } = opened;
    source.onChange(({ certificates }) => told.push(certificates.join('')));
    write('changing.pem', 'nothing');
    await expect.poll(() => told, { timeout: 5000 }).toEqual([expect.stringContaining('holds no CA certificate')]);
    expect(source.problems()).toEqual(told);
    expect(source.current().certificates).toEqual([one.cert]);
    write('changing.pem', two.cert);
    await expect.poll(() => told.slice(1), { timeout: 5000 }).toEqual([two.cert, 'changed']);
    expect(source.problems()).toEqual([]);
    source.close();
  });
});
