/** Imports go in one direction only. The table says what each part may import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../../src', import.meta.url));

/** A part is a folder of src, or a file in it. */
const mayImport: Record<string, string[]> = {
  main: ['node-version', 'commands'],
  'node-version': [],
  version: [],
  commands: [
    'version',
    'node-version',
    'config',
    'server',
    'manifests',
    'explain',
    'live-status',
    'audit',
    'mesh',
    'doctor',
    'end',
    'policy',
    'admission',
    'certificates',
    'kubernetes',
    'sweep',
    'image-lookup',
    'oci',
    'entrypoint',
    'pod',
    'util',
  ],
  config: ['pod', 'util'],
  server: ['admission', 'certificates', 'telemetry', 'config', 'util'],
  mesh: ['pod', 'util'],
  explain: ['mesh', 'live-status', 'kubernetes', 'manifests', 'admission', 'inject', 'decide', 'pod', 'util'],
  doctor: ['mesh', 'kubernetes', 'certificates', 'pod', 'util'],
  end: ['live-status', 'kubernetes', 'explain', 'manifests', 'admission', 'pod', 'util'],
  policy: ['manifests', 'pod'],
  sweep: ['live-status', 'kubernetes', 'admission', 'pod', 'util'],
  audit: [
    'mesh',
    'live-status',
    'explain',
    'manifests',
    'admission',
    'inject',
    'decide',
    'entrypoint',
    'oci',
    'pod',
    'util',
  ],
  'live-status': ['pod', 'util'],
  manifests: ['admission', 'inject', 'decide', 'entrypoint', 'pod', 'util'],
  kubernetes: ['certificates', 'image-lookup', 'decide', 'pod', 'util'],
  certificates: ['config', 'util'],
  telemetry: ['admission', 'inject', 'decide', 'pod', 'util'],
  admission: ['inject', 'decide', 'entrypoint', 'pod', 'util'],
  inject: ['wrapper', 'decide', 'entrypoint', 'pod', 'util'],
  wrapper: ['pod'],
  'image-lookup': ['oci', 'entrypoint', 'pod', 'util'],
  oci: ['util'],
  entrypoint: ['pod', 'util'],
  decide: ['pod', 'util'],
  pod: ['util'],
  util: [],
};

/** Packages that the pure parts may use. Effects (fastify, pino, fs, process, clocks) stay at the edge. */
const purePackages = ['typebox', 'typebox/compile', 'fast-json-patch'];
const pureParts = ['admission', 'decide', 'entrypoint', 'inject', 'mesh', 'pod', 'wrapper'];
const pureFiles = [
  'sweep/read-hanging.ts',
  'policy/policies.ts',
  'policy/convert.ts',
  'manifests/find-pods.ts',
  'manifests/report.ts',
  'manifests/large-integers.ts',
  'manifests/incomplete.ts',
  'manifests/summary.ts',
];
const pureFolders = ['manifests/yaml/', 'audit/'];
const isPure = (file: string) =>
  pureParts.includes(partOf(file)) || pureFiles.includes(file) || pureFolders.some((folder) => file.startsWith(folder));

/** They compute, and do nothing else. */
const morePackages = (file: string): string[] => {
  if (file.startsWith('audit/html/')) return ['node:crypto'];
  return file.startsWith('manifests/') ? ['diff'] : [];
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const partOf = (file: string) => file.replace(/\.ts$/, '').split('/')[0] ?? '';

const importsOf = (file: string) =>
  [...readFileSync(join(src, file), 'utf8').matchAll(/(?:(?<![.-])\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(
    ([, name]) => `${name}`,
  );

const target = (file: string, name: string) => partOf(relative(src, join(src, dirname(file), name)));

describe('imports', () => {
  it.each(files)('%s imports only what its part may import', (file) => {
    const part = partOf(file);
    expect(mayImport, `${part} has no row in the table`).toHaveProperty([part]);
    const inside = importsOf(file).filter((name) => name.startsWith('.') && !name.endsWith('.json'));
    const wrong = inside.filter((name) => ![part, ...(mayImport[part] ?? [])].includes(target(file, name)));
    expect(wrong).toEqual([]);
  });

  it.each(files.filter(isPure))('%s is pure: no clock, process or console, and no other package', (file) => {
    const packages = importsOf(file).filter((name) => !name.startsWith('.'));
    const allowed = [...purePackages, ...morePackages(file)];
    expect(packages.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(readFileSync(join(src, file), 'utf8')).not.toMatch(/\bprocess\.|\bDate\b|\bsetTimeout\b|\bconsole\./);
  });

  it('of packages are only those that an installation has', () => {
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8'));
    const installed = Object.keys({ ...dependencies, ...optionalDependencies });
    const isInstalled = (name: string) => installed.some((each) => name === each || name.startsWith(`${each}/`));
    const imported = files.flatMap(importsOf).filter((name) => /^[@a-z][\w@/.-]*$/.test(name));
    expect([...new Set(imported)].filter((name) => !isInstalled(name))).toEqual([]);
  });

  it('have no circle, neither of files nor of types', () => expect(findCircle()).toEqual([]));

  it('have a table whose rows are all parts', () =>
    expect(Object.keys(mayImport).filter((part) => !files.some((file) => partOf(file) === part))).toEqual([]));
});

/** @returns the files of one circle, in the order in which they import each other */
function findCircle(): string[] {
  const done = new Set<string>();
  const follow = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return path.slice(path.indexOf(file));
    if (done.has(file)) return [];
    const next = importsOf(file).flatMap((name) => (/^\..*\.ts$/.test(name) ? [join(dirname(file), name)] : []));
    for (const each of next) {
      const circle = follow(each, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of files) {
    const circle = follow(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
