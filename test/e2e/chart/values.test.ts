/** values.yaml, its schema, the README and the program's settings agree. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Compile } from 'typebox/schema';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readValues, renderReadme, renderSchema } from '../../../scripts/chart.ts';
import { type SettingName, settings } from '../../../src/config/settings.ts';
import { optionNames } from '../../../src/pod/annotations/table.ts';
import { prefix } from '../../../src/pod/names.ts';
import { version } from '../../../src/version.ts';

const chart = join(import.meta.dirname, '../../../charts/clockout');
const read = (file: string) => readFileSync(join(chart, file), 'utf8');

type Schema = {
  type?: string;
  description?: string;
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

/** All values that the schema names. A free map, such as `podLabels`, is one value. */
function namesIn(part: Schema, value: unknown, path: string[] = []): { path: string; value: unknown }[] {
  if (!part.properties) return [{ path: path.join('.'), value }];
  return Object.entries(part.properties).flatMap(([name, each]) =>
    namesIn(each, (value as Record<string, unknown> | undefined)?.[name], [...path, name]),
  );
}

it.each([renderReadme(), renderSchema()])(
  '$file has the comments of values.yaml (run node scripts/chart.ts)',
  (file) => {
    expect(file.current).toBe(file.rendered);
  },
);

it('every value has a comment', () => {
  const uncommented = readValues().filter(({ comment }) => comment === '');
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

const examples = readValues().filter(({ example }) => example !== '');

it.each(examples)('the example of $path is a value that the schema accepts', ({ path, example }) => {
  const value = path.slice(0, -1).reduceRight((part, name) => ({ [name]: part }), parse(example));
  expect(path.reduce((part, name) => part?.[name], value)).toBeDefined();
  expect(Compile(schema).Errors(value)[1]).toEqual([]);
});

it('every value is in the schema, and the schema has no others', () => {
  const optional = /^(imagePullSecrets|resources|wrapper\.resources|certs\.certManager\.issuerRef|updateStrategy)\./;
  const inSchema = namesIn(schema, values).filter(({ path }) => !optional.test(path));
  expect(inSchema.filter(({ value }) => value === undefined)).toEqual([]);
  const known = new Set(namesIn(schema, values).map(({ path }) => path));
  const isKnown = (path: string[]) => path.some((_part, i) => known.has(path.slice(0, i + 1).join('.')));
  const unknown = readValues().filter(({ path }) => !isKnown(path) && !optional.test(`${path.join('.')}.`));
  expect(unknown.map(({ path }) => path.join('.'))).toEqual([]);
});

it('no part of the schema accepts values that it does not name, except free maps', () => {
  const closed = (part: Schema): boolean =>
    !part.properties || (part.additionalProperties === false && Object.values(part.properties).every(closed));
  expect(closed(schema)).toBe(true);
});

/**
 * The value of the chart that each setting comes from. Those without one: the chart doesn't set them, or the templates know them
 * (names of its own objects, files that it mounts). A new setting needs a row here.
 */
const chartValues: Record<SettingName, string> = {
  listenAddress: 'not set',
  listenPort: 'ports.webhook',
  metricsListenPort: 'ports.metrics',
  tlsCertFile: 'from templates',
  tlsKeyFile: 'from templates',
  tlsCaOut: 'not set',
  tlsHosts: 'from templates',
  tlsCaSecret: 'certs.self.secretName',
  webhookConfiguration: 'webhook.name',
  tlsLifetime: 'certs.self.lifetime',
  tlsCaLifetime: 'certs.self.caLifetime',
  tlsCaOverlap: 'certs.self.caOverlap',
  clientCaFile: 'webhook.clientCA',
  clientNames: 'webhook.clientNames',
  wrapperImage: 'wrapper.image',
  wrapperPullPolicy: 'wrapper.pullPolicy',
  wrapperResources: 'wrapper.resources',
  strategy: 'strategy',
  nativeFrom: 'native.from',
  nativeNodes: 'native.nodes',
  onUnwrappable: 'onUnwrappable',
  allowedAnnotations: 'allowedAnnotations',
  registryLookup: 'registry.lookup',
  registryPullSecrets: 'registry.pullSecrets',
  registryDockerConfig: 'registry.dockerConfigSecret',
  registryClouds: 'registry.clouds',
  registryTimeout: 'registry.timeout',
  registryTagLifetime: 'registry.tagLifetime',
  registryDigestLifetime: 'registry.digestLifetime',
  registryFailureLifetime: 'registry.failureLifetime',
  registryCacheEntries: 'registry.cacheEntries',
  registryCacheMebibytes: 'registry.cacheMebibytes',
  registryConcurrency: 'registry.concurrency',
  registryWarmUp: 'registry.warmUp',
  registryCaFile: 'registry.caBundle',
  registryPlainHttp: 'registry.plainHttp',
  registryMirrors: 'registry.mirrors',
  registryTrustedRealms: 'registry.trustedRealms',
  registryPlatforms: 'registry.platforms',
  drainSeconds: 'drainSeconds',
  logLevel: 'logLevel',
};

const templates = readdirSync(join(chart, 'templates'))
  .filter((name) => /\.(yaml|tpl)$/.test(name))
  .map((name) => read(join('templates', name)))
  .join('\n');

it.each(settings.filter(({ name }) => chartValues[name] !== 'not set'))(
  'the setting $name is an environment variable of the Deployment',
  ({ variable }) => expect(templates).toContain(`- name: ${variable}\n`),
);

it.each(settings.filter(({ name }) => !chartValues[name].includes(' ')))(
  'the setting $name has a value in the chart, with the same default',
  ({ name, default: preset = '' }) => {
    const path = chartValues[name];
    const found = readValues().find((value) => value.path.join('.') === path);
    expect(found, `${path} is missing in values.yaml`).toBeDefined();
    const inSchema = path.split('.').reduce<Schema | undefined>((part, key) => part?.properties?.[key], schema);
    expect(inSchema, `${path} is missing in values.schema.json`).toBeDefined();
    expect(asSetting(found?.default)).toBe(preset);
  },
);

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
