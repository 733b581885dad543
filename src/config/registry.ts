/** The settings of how images' registries are asked what an image runs, where neither manifest nor annotation says so. */
import { Type } from 'typebox';
import { count, duration, file, list, onOrOff } from './kinds.ts';

const host = '[A-Za-z0-9.-]+(:\\d{1,5})?|\\[[0-9a-fA-F:]+\\](:\\d{1,5})?';
const place = `(${host})(/[a-z0-9._/-]+)?`;

const Mirror = Type.Object(
  {
    prefix: Type.String({ pattern: `^(${place})$` }),
    locations: Type.Array(Type.String({ pattern: `^(${place})$` }), { minItems: 1, maxItems: 8 }),
    only: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const clouds = ['ecr', 'google', 'azure'] as const;

/** How a registry is reached: for the webhook and the command line alike. */
export const reachSettings = {
  registryCaFile: file("Certificates in PEM to trust registries by, beside the system's own"),
  registryPlainHttp: list(`^(${host})$`, {
    description: 'Registries spoken to without TLS, on each of their ports or on one; they may be at any address',
    expects: 'hosts, separated by commas, each with or without a port',
  }),
  registryMirrors: Type.Optional(
    Type.Array(Mirror, {
      minItems: 1,
      description:
        'Other places for the images below a prefix, asked in their order and then the registry itself, but for `only`',
      expects: 'JSON such as `[{"prefix":"docker.io","locations":["mirror.example.com/hub"],"only":true}]`',
    }),
  ),
  registryTrustedRealms: list('^[A-Za-z0-9.-]+$', {
    description: "Hosts that may be told credentials to make tokens of, though they don't look like the registry's own",
    expects: 'host names, separated by commas',
  }),
  registryPlatforms: list('^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$', {
    description: "What the cluster's nodes are, for pods that don't say; without it, any Linux",
    expects: 'platforms such as `linux/amd64,linux/arm64/v8`',
  }),
} as const;

/** What only the webhook needs. */
export const lookupSettings = {
  registryLookup: onOrOff({
    default: 'on',
    description: "Whether an image's registry is asked what it runs, where neither manifest nor annotation says so",
  }),
  registryPullSecrets: onOrOff({
    default: 'off',
    description: "Whether it is asked with the pod's pull secrets; Clockout must be allowed to read Secrets for that",
  }),
  registryDockerConfig: file(
    "Docker's `config.json` with credentials for the images of every pod, tried after its own",
  ),
  registryClouds: Type.Optional(
    Type.Array(Type.Enum([...clouds]), {
      minItems: 1,
      description: "Clouds whose registries are asked as Clockout's own identity there (workload identity)",
      expects: `some of ${clouds.map((cloud) => `\`${cloud}\``).join(', ')}, separated by commas`,
    }),
  ),
  registryTimeout: duration({
    default: '2500ms',
    description: 'How long a pod waits for it at most; less, where the webhook has less time',
  }),
  registryTagLifetime: duration({
    default: '5m',
    description: 'How long a tag is taken to point to the same image; never for `imagePullPolicy: Always`',
  }),
  registryDigestLifetime: duration({
    default: '24h',
    description: 'How long a credential is taken to be allowed to read what is named by a digest',
  }),
  registryFailureLifetime: duration({
    default: '10s',
    description: 'How long nobody asks again after a failure: for an image, or for the name of a host',
  }),
  registryCacheEntries: count({ default: 10_000, description: 'How many images are remembered' }),
  registryCacheMebibytes: count({ default: 32, description: 'How much memory that may take, in MiB' }),
  registryConcurrency: count({
    default: 8,
    description: 'How many lookups are underway at a registry at a time, half of them for one namespace',
  }),
  registryWarmUp: Type.Enum(['off', 'opted-in', 'cluster'], {
    default: 'off',
    description:
      'Whether images of Jobs and CronJobs are looked up before their pods come: of namespaces that opted in, or of all that did not opt out',
    expects: '`off`, `opted-in` or `cluster`',
  }),
} as const;
