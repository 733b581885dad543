import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServingCertificate } from '../../../src/certificates/certificate.ts';
import { openCertificateFiles } from '../../../src/certificates/files/load-certificate.ts';
import type { WatchedFiles } from '../../../src/certificates/files/watch.ts';
import { createSelfSignedCertificate } from '../../../src/certificates/self-signed.ts';

const [one, two] = await Promise.all([
  createSelfSignedCertificate(['localhost'], new Date()),
  createSelfSignedCertificate(['localhost'], new Date()),
]);

let folder: string;
let files: WatchedFiles<ServingCertificate> | undefined;
let changes: ServingCertificate[];
let complaints: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clockout-files-'));
  changes = [];
  complaints = [];
});
afterEach(() => {
  files?.close();
  rmSync(folder, { recursive: true });
});

/** Fills a volume as the kubelet does: each version has its own folder, and `..data` points to the newest. */
function mount(version: string, { cert, key }: { cert: string; key: string }): void {
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, 'tls.crt'), cert);
  writeFileSync(join(folder, version, 'tls.key'), key);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

async function watchFiles(): Promise<void> {
  const opened = await openCertificateFiles(
    { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key'), hosts: [] },
    { changed: (certificate) => changes.push(certificate), failed: (problem) => complaints.push(problem) },
  );
  if (!opened.ok) throw new Error(`${opened.problem}`);
  files = opened.value;
}

async function open(): Promise<void> {
  for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
  await watchFiles();
}

describe('a certificate in a mounted Secret', () => {
  it('is read again when the kubelet swaps the folder', async () => {
    mount('..1', one);
    await open();
    expect(files?.current().cert).toBe(one.cert);
    mount('..2', two);
    await expect.poll(() => changes.map(({ cert }) => cert)).toEqual([two.cert]);
    expect(files?.current().cert).toBe(two.cert);
  });

  it('stays the last good one while the new pair cannot be used, and reports why', async () => {
    mount('..1', one);
    await open();
    mount('..2', { cert: two.cert, key: one.key });
    await expect.poll(() => complaints).toEqual([expect.stringContaining('does not belong')]);
    expect(files?.current().cert).toBe(one.cert);
    expect(files?.problems()).toHaveLength(1);
    mount('..3', two);
    await expect.poll(() => changes.length).toBe(1);
    expect(files?.problems()).toEqual([]);
  });

  it('is not reported as new when the same one is mounted again', async () => {
    mount('..1', one);
    await open();
    mount('..2', one);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(changes).toEqual([]);
  });

  it('must be usable at the start', async () => {
    const given = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key'), hosts: [] };
    const ignored = () => {};
    expect(await openCertificateFiles(given, { changed: ignored, failed: ignored })).toMatchObject({
      ok: false,
      problem: [expect.stringContaining('ENOENT'), expect.stringContaining('ENOENT')],
    });
  });
});

it('two plain files written one after the other are reported as one change', async () => {
  writeFileSync(join(folder, 'tls.crt'), one.cert);
  writeFileSync(join(folder, 'tls.key'), one.key);
  await watchFiles();
  writeFileSync(join(folder, 'tls.crt'), two.cert);
  writeFileSync(join(folder, 'tls.key'), two.key);
  await expect.poll(() => changes.map(({ key }) => key)).toEqual([two.key]);
});
