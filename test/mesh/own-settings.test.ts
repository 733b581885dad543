import { describe, expect, it } from 'vitest';
import { readOwnSettings } from '../../src/mesh/own-settings.ts';

const deployment = (...containers: object[]) => ({
  metadata: { namespace: 'clockout' },
  spec: { template: { spec: { containers } } },
});
const variable = (name: string, value: string) => ({ name: `CLOCKOUT_${name}`, value });
const elsewhere = (name: string) => ({
  name: `CLOCKOUT_${name}`,
  valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } },
});
const server = (args: string[], ...env: object[]) => ({ name: 'clockout', args: ['serve', ...args], env });

describe('the settings of an installation', () => {
  it.each([
    ['nothing', server([]), 'wrap'],
    ['a variable', server([], variable('STRATEGY', 'auto')), 'auto'],
    ['an empty variable', server([], variable('STRATEGY', '')), 'wrap'],
    ['two variables', server([], variable('STRATEGY', 'auto'), variable('STRATEGY', 'native')), 'native'],
    ['a variable with valueFrom', server([], elsewhere('STRATEGY')), undefined],
    ['a variable with another value than the server takes', server([], variable('STRATEGY', 'fast')), undefined],
    ['a flag', server(['--strategy=native'], variable('STRATEGY', 'auto')), 'native'],
    ['a flag of two words', server(['--strategy', 'native', '--log-level=debug']), 'native'],
    ['two flags', server(['--strategy=auto', '--strategy=native']), 'native'],
    ['a flag without its value', server(['--strategy']), 'wrap'],
  ])('with %s', (_, container, strategy) => {
    expect(readOwnSettings(deployment(container)).strategy).toBe(strategy);
  });

  it('are those of its own container', () => {
    const injected = { name: 'istio-proxy', env: [variable('STRATEGY', 'native')] };
    const found = readOwnSettings(deployment(injected, server([], variable('STRATEGY', 'auto'))));
    expect(found).toMatchObject({ strategy: 'auto' });
  });

  it('have all that decides about pods', () => {
    const flags = [
      '--native-from=35',
      '--allowed-annotations=quit',
      '--defaults',
      '{"wait-timeout":"5m","guard":false}',
    ];
    expect(readOwnSettings(deployment(server([...flags, '--namespace-defaults=on'])))).toEqual({
      strategy: 'wrap',
      nativeFrom: 35,
      allowed: new Set(['quit']),
      defaults: expect.objectContaining({ texts: { 'wait-timeout': '5m', guard: 'false' } }),
      hasNamespaceDefaults: true,
    });
  });

  it.each([undefined, {}, { spec: { template: { spec: { containers: 'x' } } } }])(
    'of %j are the usual ones',
    (value) => {
      expect(readOwnSettings(value)).toMatchObject({
        strategy: 'wrap',
        allowed: undefined,
        hasNamespaceDefaults: false,
      });
    },
  );
});
