/** values.yaml, its schema, the README and the program's settings agree. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/schema';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readHabits, readValues, renderReadme, renderSchema, renderSettings } from '../../../scripts/chart.ts';
import type { Schema } from '../../../scripts/chart-settings.ts';
import { settings } from '../../../src/config/settings.ts';
import { optionNames } from '../../../src/pod/annotations/table.ts';
import { prefix } from '../../../src/pod/names.ts';
import { version } from '../../../src/version.ts';

const chart = join(import.meta.dirname, '../../../charts/clockout');
const read = (file: string) => readFileSync(join(chart, file), 'utf8');

const schema: Schema = JSON.parse(read('values.schema.json'));
const compiled = Compile(schema);
const values = parse(read('values.yaml'));
const allValues = readValues();

/** All values that the schema names. A free map, such as `podLabels`, is one value. */
function namesIn(part: Schema, value: unknown, path: string[] = []): { path: string; value: unknown }[] {
  if (!part.properties) return [{ path: path.join('.'), value }];
  return Object.entries(part.properties).flatMap(([name, each]) =>
    namesIn(each, (value as Record<string, unknown> | undefined)?.[name], [...path, name]),
  );
}

it.each([renderReadme(), renderSchema(), renderSettings()])(
  '$file has what values.yaml and the settings say (run npm run generate)',
  (file) => {
    expect(file.current).toBe(file.rendered);
  },
);

it('every value has a comment', () => {
  const uncommented = allValues.filter(({ comment }) => comment === '');
  expect(uncommented.map(({ path }) => path.join('.'))).toEqual([]);
});

it('every part of the schema has a description', () => {
  const undescribed = (part: Schema, path: string): string[] =>
    Object.entries({ ...part.properties, ...part.items?.properties }).flatMap(([name, each]) => [
      ...(each.description ? [] : [`${path}.${name}`]),
      ...undescribed(each, `${path}.${name}`),
    ]);
  expect(undescribed(schema, '')).toEqual([]);
});

const examples = allValues.filter(({ example }) => example !== '');

it.each(examples)('the example of $path is a value that the schema accepts', ({ path, example }) => {
  const value = path.slice(0, -1).reduceRight((part, name) => ({ [name]: part }), parse(example));
  expect(path.reduce((part, name) => part?.[name], value)).toBeDefined();
  expect(compiled.Errors(value)[1]).toEqual([]);
});

it('every value is in the schema, and the schema has no others', () => {
  const optional =
    /^(defaults|imagePullSecrets|resources|wrapper\.resources|certs\.certManager\.issuerRef|updateStrategy)\./;
  const isHabit = (path: string) => readHabits().some(([habit]) => `${habit}.`.startsWith(`${path}.`));
  const inSchema = namesIn(schema, values).filter(({ path }) => !optional.test(path) && !isHabit(path));
  expect(inSchema.filter(({ value }) => value === undefined)).toEqual([]);
  const known = new Set(namesIn(schema, values).map(({ path }) => path));
  const isKnown = (path: string[]) => path.some((_part, i) => known.has(path.slice(0, i + 1).join('.')));
  const unknown = allValues.filter(({ path }) => !isKnown(path) && !optional.test(`${path.join('.')}.`));
  expect(unknown.map(({ path }) => path.join('.'))).toEqual([]);
});

it('no part of the schema accepts values that it does not name, except free maps', () => {
  const closed = (part: Schema): boolean =>
    !part.properties || (part.additionalProperties === false && Object.values(part.properties).every(closed));
  expect(closed(schema)).toBe(true);
});

const rowOf = (path: string) =>
  path.split('.').reduce<Schema | undefined>((part, key) => part?.properties?.[key], schema);
const findValue = (path: string) => allValues.find((value) => value.path.join('.') === path);

const sources = settings.flatMap(({ name, variable, chart, default: preset = '' }) =>
  chart === 'unset' ? [] : [{ name, variable, preset, ...('value' in chart ? chart : { from: chart.template }) }],
);
const fromValues = sources.flatMap((source) => ('value' in source ? [source] : []));
const fromTemplates = sources.flatMap((source) => ('from' in source ? [source] : []));

it.each(fromValues)(
  'the setting $name has the value $value in the chart, with the same default',
  ({ value, preset }) => {
    expect(findValue(value), `${value} is missing in values.yaml, or has no comment`).toBeDefined();
    expect(rowOf(value), `${value} is missing in values.schema.json; run npm run generate`).toBeDefined();
    expect(asSetting(findValue(value)?.default)).toBe(preset);
  },
);

it.each(fromTemplates)('the setting $name is in templates/_env.tpl, which makes it of $from', ({ variable, from }) => {
  expect(rowOf(from), `${from} is missing in values.schema.json`).toBeDefined();
  expect(read('templates/_env.tpl')).toContain(`- name: ${variable}\n`);
});

/** As a setting has it in the environment: the chart writes `on` and `off` as booleans, and leaves out what is empty. */
function asSetting(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return value && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).join() : `${value}`;
}

it('allowedAnnotations accepts the names of all annotations, and nothing else', () => {
  const { pattern = '' } = schema.properties?.allowedAnnotations?.items ?? {};
  const isAccepted = (name: string) => new RegExp(pattern).test(name);
  expect(
    [...optionNames, ...optionNames.map((name) => prefix + name), 'all', 'none'].filter((n) => !isAccepted(n)),
  ).toEqual([]);
  expect(
    ['', 'quits', 'inject', 'status', 'clockout.dev/', 'clockoutXdev/quit', 'quit,guard'].filter(isAccepted),
  ).toEqual([]);
});

it('the chart has the version of the program', () => {
  const { version: chartVersion, appVersion } = parse(read('Chart.yaml'));
  expect([chartVersion, appVersion]).toEqual([version, version]);
});
