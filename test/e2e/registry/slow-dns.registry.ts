/** A name server that does not answer costs nobody but who asked for those names. Needs root, for namespaces of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clockout-names-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('40 images on hosts that no server answers for keep no pod of another namespace waiting, nor the API server', async () => {
  const scenario = join(import.meta.dirname, 'slow-dns.ts');
  const src = join(import.meta.dirname, '../../../src');
  const { stdout } = await promisify(execFile)('unshare', ['-m', '-n', process.execPath, scenario, src, folder]);
  expect(JSON.parse(stdout)).toEqual({ apiServer: '127.0.0.1', victims: 50, inHostsAndSearch: 2, cli: ['/app'] });
});
