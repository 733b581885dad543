/** values.yaml, its schema and the README say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readValues, renderReadme } from '../../../scripts/chart.ts';
import { settings } from '../../../src/config/settings.ts';
import { optionNames } from '../../../src/pod/annotations/table.ts';
import { prefix } from '../../../src/pod/names.ts';
import { version } from '../../../src/version.ts';

const chart = join(import.meta.dirname, '../../../charts/clockout');
const read = (file: string) => readFileSync(join(chart, file), 'utf8');

type Schema = {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  enum?: string[];
  pattern?: string;
  items?: Schema;
  minimum?: number;
  maximum?: number;
};
const schema: Schema = JSON.parse(read('values.schema.json'));
const values = parse(read('values.yaml'));

/** Names of all values: free maps, which the schema does not go into, are one each. */
function namesIn(part: Schema, value: unknown, path: string[] = []): { path: string; value: unknown }[] {
  if (!part.properties) return [{ path: path.join('.'), value }];
  return Object.entries(part.properties).flatMap(([name, each]) =>
    namesIn(each, (value as Record<string, unknown> | undefined)?.[name], [...path, name]),
  );
}

it('README.md has the table that values.yaml says (node scripts/chart.ts writes it)', () => {
  const { current, rendered } = renderReadme();
  expect(current).toBe(rendered);
});

it('every value is explained', () => {
  const unexplained = readValues().filter(({ comment }) => comment === '');
  expect(unexplained.map(({ path }) => path.join('.'))).toEqual([]);
});

it('every value is in the schema, and the other way round', () => {
  const optional = /^(imagePullSecrets|resources|wrapper\.resources|certs\.certManager\.issuerRef|strategy)\./;
  const inSchema = namesIn(schema, values).filter(({ path }) => !optional.test(path));
  expect(inSchema.filter(({ value }) => value === undefined)).toEqual([]);
  const known = new Set(namesIn(schema, values).map(({ path }) => path));
  const isKnown = (path: string[]) => path.some((_part, i) => known.has(path.slice(0, i + 1).join('.')));
  const unknown = readValues().filter(({ path }) => !isKnown(path) && !optional.test(`${path.join('.')}.`));
  expect(unknown.map(({ path }) => path.join('.'))).toEqual([]);
});

it('no part of the schema takes values that it does not name, but free maps', () => {
  const closed = (part: Schema): boolean =>
    !part.properties || (part.additionalProperties === false && Object.values(part.properties).every(closed));
  expect(closed(schema)).toBe(true);
});

it.each([
  ['wrapper.image', 'wrapperImage'],
  ['certs.self.lifetime', 'tlsLifetime'],
  ['certs.self.caLifetime', 'tlsCaLifetime'],
  ['certs.self.caOverlap', 'tlsCaOverlap'],
  ['ports.webhook', 'listenPort'],
  ['ports.metrics', 'metricsListenPort'],
  ['onUnwrappable', 'onUnwrappable'],
  ['allowedAnnotations', 'allowedAnnotations'],
  ['registry.timeout', 'registryTimeout'],
  ['registry.tagLifetime', 'registryTagLifetime'],
  ['registry.digestLifetime', 'registryDigestLifetime'],
  ['registry.failureLifetime', 'registryFailureLifetime'],
  ['registry.cacheEntries', 'registryCacheEntries'],
  ['registry.cacheMebibytes', 'registryCacheMebibytes'],
  ['registry.concurrency', 'registryConcurrency'],
  ['drainSeconds', 'drainSeconds'],
  ['logLevel', 'logLevel'],
])('%s has the default of the setting %s', (path, name) => {
  const found = readValues().find((value) => value.path.join('.') === path);
  expect(`${found?.default}`).toBe(settings.find((setting) => setting.name === name)?.default);
});

it('the annotations that can be allowed are those that there are', () => {
  const { pattern = '' } = schema.properties?.allowedAnnotations?.items ?? {};
  const isTaken = (name: string) => new RegExp(pattern).test(name);
  expect(
    [...optionNames, ...optionNames.map((name) => prefix + name), 'all', 'none'].filter((n) => !isTaken(n)),
  ).toEqual([]);
  expect(['', 'quits', 'inject', 'status', 'clockout.dev/', 'clockoutXdev/quit', 'quit,guard'].filter(isTaken)).toEqual(
    [],
  );
});

it('every setting of registries is a value', () => {
  const named = settings.map(({ name }) => name).filter((name) => name.startsWith('registry'));
  const template = read('templates/_registry.tpl');
  const unset = settings.filter(
    ({ name, variable }) => named.includes(name) && !template.includes(`name: ${variable}\n`),
  );
  expect(unset.map(({ variable }) => variable)).toEqual([]);
});

it("the chart's versions are the program's", () => {
  const { version: chartVersion, appVersion } = parse(read('Chart.yaml'));
  expect([chartVersion, appVersion]).toEqual([version, version]);
});
