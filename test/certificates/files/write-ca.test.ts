import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeCa } from '../../../src/certificates/files/write-ca.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-write-ca-'));
const path = (name: string) => join(folder, name);
const write = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeCa', () => {
  it('replaces the file as a whole and leaves nothing else behind', async () => {
    const file = write('out.pem', 'old');
    chmodSync(file, 0o400);
    await writeCa(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it('leaves nothing behind when it fails', async () => {
    const target = mkdtempSync(path('folder-'));
    writeFileSync(join(target, 'occupied'), '');
    await expect(writeCa(target, 'new')).rejects.toThrow();
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });
});
