/** Imports go one way: the table says what each part may import, and nothing else may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

const base = ['types', 'ours'];
const pure = [...base, 'decide', 'entrypoint', 'inject'];

/** A part is a folder of src, or a file in it. */
const mayImport: Record<string, string[]> = {
  main: ['node-version', 'fit-heap', 'program'],
  'fit-heap': [],
  'node-version': [],
  program: ['config', 'config-schema', 'program-options', 'version', 'server', 'cli', 'wiring'],
  wiring: ['config', 'version', 'admission', 'certificates', 'kubernetes', 'registry', 'ours'],
  'program-options': ['config', 'config-registry', 'config-schema'],
  version: [],
  'config-types': [],
  'config-registry': ['config-types'],
  'config-schema': ['config-types', 'config-registry', 'decide', 'ours'],
  'config-contradictions': ['config-types', 'config-schema'],
  config: ['config-contradictions', 'config-schema', 'config-types'],
  server: ['admission', 'certificates', 'telemetry', 'config', 'decide', 'types', 'util'],
  cli: ['admission', ...pure],
  certificates: ['config'],
  kubernetes: ['certificates', 'registry', 'types', 'ours'],
  registry: ['entrypoint', 'types', 'util'],
  telemetry: ['admission', 'decide', 'types', 'util'],
  admission: [...pure, 'util'],
  inject: ['decide', 'entrypoint', ...base],
  decide: [...base, 'util'],
  entrypoint: base,
  ours: ['types'],
  types: [],
  util: [],
};

/** Packages that the pure parts may use; effects (fastify, pino, fs, process, clocks) are for the edge. */
const purePackages = ['typebox', 'typebox/compile', 'fast-json-patch'];
const pureParts = ['admission', 'util', ...pure];
const pureFiles = ['cli/manifests.ts', 'cli/report.ts', 'cli/splice.ts'];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const partOf = (file: string) => file.replace(/\.ts$/, '').split('/')[0] ?? '';

const importsOf = (file: string) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(/(?:(?<!\.)\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
    ([, name]) => `${name}`,
  );

const target = (file: string, name: string) => partOf(relative(src, join(src, dirname(file), name)));

describe('imports', () => {
  it.each(files)('%s', (file) => {
    const part = partOf(file);
    expect(mayImport, `${part} has no row in the table`).toHaveProperty([part]);
    const inside = importsOf(file).filter((name) => name.startsWith('.') && !name.endsWith('.json'));
    const wrong = inside.filter((name) => ![part, ...(mayImport[part] ?? [])].includes(target(file, name)));
    expect(wrong).toEqual([]);
  });

  it.each(files.filter((file) => pureParts.includes(partOf(file)) || pureFiles.includes(file)))(
    '%s is pure',
    (file) => {
      const packages = importsOf(file).filter((name) => !name.startsWith('.'));
      // On the way of a pod there is no YAML parser: it takes the square of hostile text's length, or worse.
      const allowed = file.startsWith('cli/') ? [...purePackages, 'diff', 'yaml'] : purePackages;
      expect(packages.filter((name) => !allowed.includes(name))).toEqual([]);
      expect(readFileSync(join(src, file), 'utf8')).not.toMatch(/\bprocess\.|\bDate\b|\bsetTimeout\b|\bconsole\./);
    },
  );

  it('every row of the table is a part', () =>
    expect(Object.keys(mayImport).filter((part) => !files.some((file) => partOf(file) === part))).toEqual([]));
});
