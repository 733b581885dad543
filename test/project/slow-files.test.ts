import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { slowFiles } from '../support/slow-files.ts';

it('every slow file is a file', () => {
  expect(slowFiles.filter((file) => !existsSync(join(import.meta.dirname, '../..', file)))).toEqual([]);
});
