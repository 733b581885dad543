import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, type Flags, parseConfig } from '../../src/config/parse.ts';
import { settings } from '../../src/config/settings.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const messages = (env: Environment, flags?: Flags) => {
  const parsed = parseConfig(env, flags);
  return parsed.ok ? [] : parsed.problem.map(({ message }) => message);
};
const config = (env: Environment, flags?: Flags) => {
  const parsed = parseConfig(env, flags);
  if (!parsed.ok) throw new Error(parsed.problem.map(({ message }) => message).join('\n'));
  return parsed.value;
};

describe('parseConfig', () => {
  it('has a default for every setting that a server needs', () => {
    expect(config({})).toEqual({
      listenAddress: '::',
      listenPort: 8443,
      metricsListenPort: 9090,
      wrapperImage: 'busybox:1.37.0-musl@sha256:fc6dddc4c44b1bfe37f41cae8e67d1693828e8f42a91862816d7953e2c9d3f23',
      tlsLifetime: 7 * day,
      tlsCaLifetime: 365 * day,
      tlsCaOverlap: 10 * minute,
      strategy: 'wrap',
      nativeFrom: 33,
      nativeNodes: 'kubernetes.io/os!=windows',
      onUnwrappable: 'admit',
      allowedAnnotations: 'all',
      registryLookup: 'on',
      registryPullSecrets: 'off',
      registryTimeout: 2500,
      registryTagLifetime: 5 * minute,
      registryDigestLifetime: day,
      registryFailureLifetime: 10_000,
      registryCacheEntries: 10_000,
      registryCacheMebibytes: 32,
      registryConcurrency: 8,
      registryWarmUp: 'off',
      namespaceDefaults: 'off',
      events: 'off',
      metricsNamespaces: 0,
      drainSeconds: 10,
      logLevel: 'info',
    });
  });

  it('reads every type of value', () => {
    const read = config({
      CLOCKOUT_LISTEN_PORT: '0',
      CLOCKOUT_TLS_HOSTS: 'clockout.mesh.svc, 10.0.0.1,fd00::1',
      CLOCKOUT_CLIENT_CA_FILE: '/client-ca/ca.pem',
      CLOCKOUT_CLIENT_NAMES: 'kube-apiserver, system:apiserver of prod',
      CLOCKOUT_WRAPPER_PULL_POLICY: 'Never',
      CLOCKOUT_REGISTRY_MIRRORS: '[{"prefix": "docker.io", "locations": ["mirror.example.com/hub"], "only": true}]',
      CLOCKOUT_WRAPPER_RESOURCES: '{"requests": {"cpu": 0.5, "memory": "32Mi"}}',
    });
    expect(read).toMatchObject({
      listenPort: 0,
      tlsHosts: ['clockout.mesh.svc', '10.0.0.1', 'fd00::1'],
      clientNames: ['kube-apiserver', 'system:apiserver of prod'],
      wrapperPullPolicy: 'Never',
      registryMirrors: [{ prefix: 'docker.io', locations: ['mirror.example.com/hub'], only: true }],
      wrapperResources: { requests: { cpu: 0.5, memory: '32Mi' } },
    });
  });

  it('prefers a flag to its variable, even if the variable is wrong', () => {
    expect(config({ CLOCKOUT_LISTEN_PORT: 'x' }, { listenPort: '1' }).listenPort).toBe(1);
  });

  it('ignores an empty variable, and refuses an empty flag', () => {
    expect(config({ CLOCKOUT_LISTEN_PORT: '', CLOCKOUT_TLS_CERT_FILE: '' }).listenPort).toBe(8443);
    expect(messages({}, { listenPort: '' })).toEqual(['--listen-port is ""; expected a port, 0 to 65535.']);
  });

  it('reports every problem at once, and where the setting was set', () => {
    const parsed = parseConfig(
      {
        CLOCKOUT_COLOUR: 'red',
        CLOCKOUT_LISTEN_PORT: '65536',
        CLOCKOUT_TLS_KEY_FILE: 'tls.key',
        CLOCKOUT_TLS_CA_OUT: '',
      },
      { drainSeconds: '1.5' },
    );
    expect(parsed).toEqual({
      ok: false,
      problem: [
        { from: 'environment', message: expect.stringMatching(/^Unknown setting CLOCKOUT_COLOUR; /) },
        { from: 'environment', message: 'CLOCKOUT_LISTEN_PORT is "65536"; expected a port, 0 to 65535.' },
        { from: 'flag', message: '--drain-seconds is "1.5"; expected whole seconds, 0 to 3600.' },
        {
          from: 'environment',
          message: expect.stringMatching(/^CLOCKOUT_TLS_KEY_FILE is set without the certificate/),
        },
      ],
    });
  });

  it('says which defaults cannot be used, and why', () => {
    const texts = { 'wait-timeout': '5sec', quits: 'never', entrypoint: '[]', guard: false };
    expect(messages({ CLOCKOUT_DEFAULTS: JSON.stringify(texts) })).toEqual([
      'CLOCKOUT_DEFAULTS: wait-timeout: expected a duration such as 500ms, 30s or 2m, at most 10080m; found "5sec".',
      expect.stringMatching(/^CLOCKOUT_DEFAULTS: "quits" is not an annotation of Clockout; those with defaults are /),
      'CLOCKOUT_DEFAULTS: entrypoint cannot have a default; only a pod can say what its image runs.',
    ]);
    expect(messages({}, { defaults: '{"quit":"never","quit-delay":"1s"}' })).toEqual([
      '--defaults: quit-delay has no effect with quit: never; remove one of them.',
    ]);
    expect(messages({ CLOCKOUT_DEFAULTS: '{"quit":1}' })).toEqual([expect.stringContaining('expected JSON such as')]);
  });

  it.each([
    ['CLOCKOUT_LISTEN_PORT', '-1'],
    ['CLOCKOUT_LISTEN_PORT', '0x50'],
    ['CLOCKOUT_LISTEN_PORT', ' 80'],
    ['CLOCKOUT_LISTEN_PORT', 'tcp://10.0.0.1:443'],
    ['CLOCKOUT_DRAIN_SECONDS', '10s'],
    ['CLOCKOUT_ON_UNWRAPPABLE', 'Refuse'],
    ['CLOCKOUT_LOG_LEVEL', 'verbose'],
    ['CLOCKOUT_WRAPPER_IMAGE', 'busybox musl'],
    ['CLOCKOUT_WRAPPER_PULL_POLICY', 'always'],
    ['CLOCKOUT_TLS_HOSTS', 'a,,b'],
    ['CLOCKOUT_TLS_HOSTS', 'https://a'],
    ['CLOCKOUT_REGISTRY_MIRRORS', 'docker.io'],
    ['CLOCKOUT_REGISTRY_MIRRORS', '[{"prefix":"docker.io","locations":["https://mirror"]}]'],
    ['CLOCKOUT_REGISTRY_PLAIN_HTTP', 'http://registry:5000'],
    ['CLOCKOUT_REGISTRY_CLOUDS', 'ecr,gcr'],
    ['CLOCKOUT_REGISTRY_TIMEOUT', '2.5s'],
    ['CLOCKOUT_REGISTRY_PLATFORMS', 'amd64'],
    ['CLOCKOUT_REGISTRY_CACHE_ENTRIES', '0'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '{'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '[]'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '"32Mi"'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '{"request": {}}'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '{"limits": {"memory": "32 MB"}}'],
    ['CLOCKOUT_WRAPPER_RESOURCES', '{"limits": {"memory": -1}}'],
  ])('refuses %s=%s', (variable, value) => {
    expect(messages({ [variable]: value })).toEqual([
      expect.stringContaining(`${variable} is ${JSON.stringify(value)}; expected `),
    ]);
  });

  it.each([
    [{ CLOCKOUT_LISTEN_PORT: '9090' }, 'CLOCKOUT_LISTEN_PORT is the port of the other server'],
    [{ CLOCKOUT_METRICS_LISTEN_PORT: '8443' }, 'CLOCKOUT_METRICS_LISTEN_PORT is the port of the other server'],
    [{ CLOCKOUT_TLS_CERT_FILE: 'c' }, 'CLOCKOUT_TLS_CERT_FILE is set without the key file'],
    [
      { CLOCKOUT_TLS_CERT_FILE: 'c', CLOCKOUT_TLS_KEY_FILE: 'k', CLOCKOUT_TLS_CA_OUT: 'ca' },
      'CLOCKOUT_TLS_CA_OUT is only for a certificate that Clockout creates, but a certificate file is set',
    ],
    [
      { CLOCKOUT_TLS_CA_SECRET: 'a/b', CLOCKOUT_WEBHOOK_CONFIGURATION: 'c', CLOCKOUT_TLS_CA_OUT: 'ca' },
      'CLOCKOUT_TLS_CA_OUT is only for the self-signed certificate; the Secret of the shared CA',
    ],
    [
      { CLOCKOUT_REGISTRY_LOOKUP: 'off', CLOCKOUT_REGISTRY_PULL_SECRETS: 'on' },
      'CLOCKOUT_REGISTRY_PULL_SECRETS has no effect without lookups',
    ],
    [
      { CLOCKOUT_REGISTRY_LOOKUP: 'off', CLOCKOUT_REGISTRY_CLOUDS: 'ecr' },
      'CLOCKOUT_REGISTRY_CLOUDS has no effect without lookups',
    ],
    [
      { CLOCKOUT_REGISTRY_LOOKUP: 'off', CLOCKOUT_REGISTRY_DOCKER_CONFIG: 'config.json' },
      'CLOCKOUT_REGISTRY_DOCKER_CONFIG has no effect without lookups',
    ],
    [
      { CLOCKOUT_REGISTRY_LOOKUP: 'off', CLOCKOUT_REGISTRY_WARM_UP: 'cluster' },
      'CLOCKOUT_REGISTRY_WARM_UP has no effect without lookups',
    ],
    [
      {
        CLOCKOUT_TLS_CERT_FILE: 'c',
        CLOCKOUT_TLS_KEY_FILE: 'k',
        CLOCKOUT_TLS_CA_SECRET: 'a/b',
        CLOCKOUT_WEBHOOK_CONFIGURATION: 'w',
      },
      'CLOCKOUT_TLS_CA_SECRET is only for a certificate that Clockout creates, but a certificate file is set',
    ],
    [{ CLOCKOUT_TLS_KEY_FILE: 'k' }, 'CLOCKOUT_TLS_KEY_FILE is set without the certificate file'],
    [{ CLOCKOUT_ASK_ISTIO_CONFIGURATION: 'w' }, 'CLOCKOUT_ASK_ISTIO_CONFIGURATION needs CLOCKOUT_TLS_CA_SECRET'],
    [{ CLOCKOUT_TLS_CA_SECRET: 'a/b' }, 'CLOCKOUT_TLS_CA_SECRET needs CLOCKOUT_WEBHOOK_CONFIGURATION'],
    [{ CLOCKOUT_WEBHOOK_CONFIGURATION: 'w' }, 'CLOCKOUT_WEBHOOK_CONFIGURATION needs CLOCKOUT_TLS_CA_SECRET'],
    [{ CLOCKOUT_TLS_CA_OVERLAP: '122d' }, 'CLOCKOUT_TLS_CA_OVERLAP leaves no time to change the CA'],
    [{ CLOCKOUT_TLS_CA_LIFETIME: '30m' }, 'CLOCKOUT_TLS_CA_LIFETIME leaves no time to change the CA'],
    [{ CLOCKOUT_CLIENT_CA_FILE: 'ca' }, 'CLOCKOUT_CLIENT_CA_FILE needs CLOCKOUT_CLIENT_NAMES'],
    [{ CLOCKOUT_CLIENT_NAMES: 'kube-apiserver' }, 'CLOCKOUT_CLIENT_NAMES needs CLOCKOUT_CLIENT_CA_FILE'],
  ])('refuses settings that contradict each other: %o', (env, start) => {
    expect(messages(env)).toEqual([expect.stringContaining(start)]);
  });

  it('refuses a list of callers with an empty name', () => {
    expect(messages({ CLOCKOUT_CLIENT_CA_FILE: 'ca', CLOCKOUT_CLIENT_NAMES: 'a,,b' })).toEqual([
      'CLOCKOUT_CLIENT_NAMES is "a,,b"; expected names, separated by commas, as in kube-apiserver.',
    ]);
  });

  it.each([
    [{ CLOCKOUT_REGISTRY_LOOKUP: 'off', CLOCKOUT_REGISTRY_PULL_SECRETS: 'off', CLOCKOUT_REGISTRY_WARM_UP: 'off' }],
    [{ CLOCKOUT_TLS_CA_LIFETIME: '31m' }],
  ])('accepts settings that agree: %o', (env) => expect(messages(env)).toEqual([]));

  it('allows two free ports', () => {
    expect(messages({ CLOCKOUT_LISTEN_PORT: '0', CLOCKOUT_METRICS_LISTEN_PORT: '0' })).toEqual([]);
  });

  it("ignores the variables of a Service's links, and nothing that only looks like them", () => {
    const links = {
      CLOCKOUT_SERVICE_HOST: '10.0.0.1',
      CLOCKOUT_SERVICE_PORT: '443',
      CLOCKOUT_SERVICE_PORT_HTTPS: '443',
      CLOCKOUT_PORT: 'tcp://10.0.0.1:443',
      CLOCKOUT_PORT_443_TCP: 'tcp://10.0.0.1:443',
      CLOCKOUT_PORT_443_TCP_ADDR: '10.0.0.1',
      CLOCKOUT_WEBHOOK_SERVICE_HOST: '10.0.0.1',
    };
    expect(messages(links)).toEqual([]);
    expect(messages({ CLOCKOUT_PORT: '8443' })).toEqual([expect.stringContaining('Unknown setting CLOCKOUT_PORT;')]);
  });

  it('returns a frozen configuration', () => {
    const { wrapperResources } = config({ CLOCKOUT_WRAPPER_RESOURCES: '{"limits": {"memory": "1Gi"}}' });
    expect(() => Object.assign(wrapperResources?.limits ?? {}, { memory: '2Gi' })).toThrow(TypeError);
  });

  it('never throws, whatever the environment holds', () => {
    const name = fc.oneof(fc.constantFrom(...settings.map(({ variable }) => variable)), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' })), (env) => {
        const parsed = parseConfig(env);
        expect(parsed.ok || parsed.problem.length > 0).toBe(true);
      }),
    );
  });
});

describe('settings', () => {
  it('have a variable and a flag', () => {
    const { variable, flag } = settings.find(({ name }) => name === 'metricsListenPort') ?? {};
    expect({ variable, flag }).toEqual({ variable: 'CLOCKOUT_METRICS_LISTEN_PORT', flag: '--metrics-listen-port' });
  });

  it('have defaults that are valid values', () => {
    const env = settings.map(({ variable, default: preset }) => [variable, preset]);
    expect(messages(Object.fromEntries(env))).toEqual([]);
  });
});
