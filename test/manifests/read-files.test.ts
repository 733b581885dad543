/** Directories as they are mounted and linked in practice. */
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

it("no file has a name that is a command to GitHub's runner", async () => {
  const listed = await listInputs(['::stop-commands::x.yaml', ' ::x.yaml', 'a::b.yaml'], Readable.from([]));
  const inputs = listed.ok ? listed.value : [];
  expect(inputs.map(({ name }) => name)).toEqual(['./::stop-commands::x.yaml', './ ::x.yaml', 'a::b.yaml']);
  expect(await inputs[0]?.read()).toEqual({
    ok: false,
    problem: ['./::stop-commands::x.yaml: no such file or directory'],
  });
});
