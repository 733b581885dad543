/** values.yaml, its schema and the README say the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readValues, renderReadme } from '../../../scripts/chart.ts';
import { type SettingName, settings } from '../../../src/config/settings.ts';
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

it("the chart's versions are the program's", () => {
  const { version: chartVersion, appVersion } = parse(read('Chart.yaml'));
  expect([chartVersion, appVersion]).toEqual([version, version]);
});
