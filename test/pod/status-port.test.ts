import { describe, expect, it } from 'vitest';
import { createFacts } from '../../src/pod/facts.ts';
import { jobPod, proxy } from '../support/pods.ts';

const port = (annotations: Record<string, string>, environment?: string) =>
  createFacts(
    jobPod({
      annotations,
      spec: { containers: [proxy(environment ? { env: [{ name: 'PROXY_CONFIG', value: environment }] } : {})] },
    }),
  ).statusPort;

describe("the port of pilot-agent's status server", () => {
  const annotation = 'status.sidecar.istio.io/port';
  const config = 'proxy.istio.io/config';
  it.each<[string, number, Record<string, string>, string?]>([
    ['is 15020', 15020, {}],
    ['comes from its annotation', 15021, { [annotation]: '15021' }],
    ['the annotation may turn it off', 0, { [annotation]: '0' }],
    ['the annotation wins', 1, { [annotation]: '1', [config]: 'statusPort: 2' }, '{"statusPort":3}'],
    [
      'a proxy config as YAML',
      2,
      { [config]: 'holdApplicationUntilProxyStarts: true\nstatusPort: 2\n' },
      '{"statusPort":3}',
    ],
    ['a proxy config as JSON', 2, { [config]: '{"statusPort": 2}' }],
    ['a comment does not count', 15020, { [config]: '# statusPort: 2\nconcurrency: 1' }],
    ['a nested key does not count', 15020, { [config]: 'proxyMetadata:\n  statusPort: "2"' }],
    ['the environment', 3, {}, '{"statusPort":3}\n'],
    ['0 in a proxy config means unset', 15020, { [config]: 'statusPort: 0' }],
    ['text that does not parse', 15020, { [config]: '{statusPort: [' }],
    ['an annotation that is not a port', 15020, { [annotation]: '70000' }],
    ['a word', 15020, { [annotation]: 'http' }],
    ['JSON of any length', 3, { [config]: `{"x":"${'x'.repeat(9000)}","statusPort":3}` }],
  ])('%s', (_, expected, annotations, environment) => expect(port(annotations, environment)).toBe(expected));
});

it('takes no time from others: hostile proxy configs are answered at once', () => {
  const keys = Array.from({ length: 14_000 }, (_, i) => `key${i}: 1`).join('\n');
  const started = process.cpuUsage();
  for (const text of [
    `statusPort: 2\n${keys}`,
    `statusPort: ${'['.repeat(250_000)}`,
    `statusPort: ${'['.repeat(4000)}`,
  ]) {
    expect(port({ 'proxy.istio.io/config': text }, text)).toBe(15020);
  }
  // It was 11 s for the first alone.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2000);
});
