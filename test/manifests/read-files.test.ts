/** Directories as they are mounted and linked in practice. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listInputs } from '../../src/manifests/read-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clockout-inputs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const names = async () => {
  const listed = await listInputs([folder], Readable.from([]));
  return listed.ok ? listed.value.map(({ name }) => name.slice(folder.length + 1)) : listed.problem;
};

it('a mounted ConfigMap gives each file once, under its own name', async () => {
  mkdirSync(join(folder, '..2026_11_22'));
  writeFileSync(join(folder, '..2026_11_22', 'job.yaml'), 'kind: A\n');
  symlinkSync('..2026_11_22', join(folder, '..data'));
  symlinkSync('..data/job.yaml', join(folder, 'job.yaml'));
  expect(await names()).toEqual(['job.yaml']);
});

it('a link that leads back up is no endless tree', async () => {
  mkdirSync(join(folder, 'a'));
  symlinkSync('..', join(folder, 'a', 'up'));
  symlinkSync('..', join(folder, 'a', 'up.yaml'));
  writeFileSync(join(folder, 'a', 'job.yaml'), 'kind: A\n');
  expect(await names()).toEqual(['a/job.yaml']);
});

it('nothing is read of a pipe in a directory, which may have no writer', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  symlinkSync('pipe.yaml', join(folder, 'link.yaml'));
  symlinkSync('nothing', join(folder, 'lost.yaml'));
  writeFileSync(join(folder, 'job.yaml'), 'kind: A\n');
  expect(await names()).toEqual(['job.yaml', 'lost.yaml']);
});

it('a link to itself is named in plain words', async () => {
  symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
  const listed = await listInputs([join(folder, 'loop.yaml')], Readable.from([]));
  const read = listed.ok ? await listed.value[0]?.read() : undefined;
  const sentence = 'expected a file or a directory, found a symbolic link that leads back to itself; correct the link';
  expect(read).toEqual({ ok: false, problem: [`${join(folder, 'loop.yaml')}: ${sentence}`] });
});

it.each(['https://example.com/job.yaml', 'file:///job.yaml'])('%s is no file', async (url) => {
  const listed = await listInputs([url], Readable.from([]));
  const read = listed.ok ? await listed.value[0]?.read() : undefined;
  const advice = 'download it, or pipe it in, as in `curl -fsSL URL | clockout … -f -`';
  expect(read).toEqual({ ok: false, problem: [`${url}: expected a file or a directory, found a URL; ${advice}`] });
});

it('an empty name is wrong use', async () => {
  expect(await listInputs([''], Readable.from([]))).toMatchObject({ ok: false });
});

it("no file has a name that is a command to GitHub's runner", async () => {
  const listed = await listInputs(
    ['::stop-commands::x.yaml', ' ::x.yaml', 'a::b.yaml', 'a\n::c.yaml'],
    Readable.from([]),
  );
  const inputs = listed.ok ? listed.value : [];
  expect(inputs.map(({ name }) => name)).toEqual([
    './::stop-commands::x.yaml',
    './ ::x.yaml',
    'a::b.yaml',
    'a ::c.yaml',
  ]);
  expect(await inputs[0]?.read()).toEqual({
    ok: false,
    problem: ['./::stop-commands::x.yaml: no such file or directory'],
  });
});
