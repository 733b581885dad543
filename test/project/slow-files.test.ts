import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { slowFiles } from '../support/slow-files.ts';

const root = join(import.meta.dirname, '../..');

it('every slow file is a file', () => {
  expect(slowFiles.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

it('every file that needs a build is a slow file, since test:quick does not build', () => {
  const ofBuild = globSync('test/**/*.test.ts', { cwd: root }).filter((file) =>
    /dist\/clockout.*\.mjs'/.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(ofBuild).not.toEqual([]);
  expect(ofBuild.filter((file) => !slowFiles.includes(file))).toEqual([]);
});
