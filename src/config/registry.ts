/** The settings of the lookup: how Clockout asks registries for the entrypoint of an image. */
import { Type } from 'typebox';
import { choice, count, duration, file, json, list, onOrOff } from './kinds.ts';

const host = '[A-Za-z0-9.-]+(:\\d{1,5})?|\\[[0-9a-fA-F:]+\\](:\\d{1,5})?';
const place = (description?: string) =>
  Type.String({ pattern: `^((${host})(/[a-z0-9._/-]+)?)$`, ...(description && { description }) });

const Mirror = Type.Object(
  {
    prefix: place(
      'The beginning of image names: a registry, and part of the repository if you like, such as `docker.io/library`.',
    ),
    locations: Type.Array(place(), {
      minItems: 1,
      maxItems: 8,
      description:
        'What to put in place of the prefix, such as `mirror.example.com/hub`. At most 8, in order of preference.',
    }),
    only: Type.Optional(Type.Boolean({ description: 'Do not ask the registry itself.' })),
  },
  { additionalProperties: false },
);

const Cloud = Type.Enum(['ecr', 'google', 'azure']);

export const registrySettings = {
  registryLookup: {
    kind: onOrOff,
    default: 'on',
    chart: { value: 'registry.lookup' },
    description:
      'Whether to ask the registry of an image for its entrypoint if neither the pod nor an annotation has one',
  },
  registryPullSecrets: {
    kind: onOrOff,
    default: 'off',
    chart: { value: 'registry.pullSecrets' },
    description: "Whether to use the pod's pull secrets for lookups; Clockout then needs permission to read Secrets",
  },
  registryDockerConfig: {
    kind: file,
    chart: { template: 'registry.dockerConfigSecret' },
    description: "Docker `config.json` with credentials for the images of all pods; they are tried after the pod's own",
  },
  registryClouds: {
    kind: list(Cloud, 'some of `ecr`, `google`, `azure`, separated by commas'),
    chart: { value: 'registry.clouds', schema: Type.Array(Cloud, { uniqueItems: true }) },
    description: 'Clouds whose registries Clockout asks with its own cloud identity (workload identity)',
  },
  registryTimeout: {
    kind: duration,
    default: '2500ms',
    chart: { value: 'registry.timeout' },
    description:
      'Maximum time that a pod waits for its lookups; it is shorter if the API server gives the webhook less time',
  },
  registryTagLifetime: {
    kind: duration,
    default: '5m',
    chart: { value: 'registry.tagLifetime' },
    description:
      'How long Clockout assumes that a tag points to the same image; it checks each time if the pod has `imagePullPolicy: Always`',
  },
  registryDigestLifetime: {
    kind: duration,
    default: '24h',
    chart: { value: 'registry.digestLifetime' },
    description:
      'How long Clockout uses a cached entrypoint for a credential that has read the image by its digest; after that, it asks the registry again whether the credential may read the image',
  },
  registryFailureLifetime: {
    kind: duration,
    default: '10s',
    chart: { value: 'registry.failureLifetime' },
    description: 'How long Clockout waits before it tries again after a failed lookup of an image or of a host name',
  },
  registryCacheEntries: {
    kind: count,
    default: '10000',
    chart: { value: 'registry.cacheEntries' },
    description: 'Maximum number of images in the cache',
  },
  registryCacheMebibytes: {
    kind: count,
    default: '32',
    chart: { value: 'registry.cacheMebibytes' },
    description: 'Maximum size of the cache, in MiB',
  },
  registryConcurrency: {
    kind: count,
    default: '8',
    chart: { value: 'registry.concurrency' },
    description: 'Maximum number of lookups at one registry at a time; one namespace may use half of them',
  },
  registryWarmUp: {
    kind: choice('off', 'opted-in', 'cluster'),
    default: 'off',
    chart: { template: 'registry.warmUp' },
    description:
      'Whether to look up the images of Jobs and CronJobs before their pods are created: in namespaces that opted in, or in all that did not opt out',
  },
  registryCaFile: {
    kind: file,
    scope: 'registries',
    chart: { template: 'registry.caBundle' },
    description: 'CA certificates for registries, in PEM; Clockout trusts them in addition to the public ones',
  },
  registryPlainHttp: {
    kind: list(
      Type.String({
        pattern: `^(${host})$`,
        description: 'A host, with or without a port. An IPv6 address has brackets.',
      }),
      'hosts, separated by commas, each with or without a port',
    ),
    scope: 'registries',
    chart: { value: 'registry.plainHttp' },
    description:
      'Registries to reach over HTTP, without TLS. An entry without a port is for all ports of the host. Clockout connects to these hosts even at loopback and link-local addresses',
  },
  registryMirrors: {
    kind: json(
      Type.Array(Mirror, { minItems: 1 }),
      '[{"prefix":"docker.io","locations":["mirror.example.com/hub"],"only":true}]',
    ),
    scope: 'registries',
    chart: { value: 'registry.mirrors' },
    description:
      'Mirrors for the images whose names begin with a prefix. Clockout asks them in order, and then the registry itself unless `only` is true',
  },
  registryTrustedRealms: {
    kind: list(
      Type.String({ pattern: '^[A-Za-z0-9.-]+$', description: 'A host name without a port.' }),
      'host names, separated by commas',
    ),
    scope: 'registries',
    chart: { value: 'registry.trustedRealms' },
    description: 'Token servers on other domains that may receive credentials',
  },
  registryPlatforms: {
    kind: list(
      Type.String({
        pattern: '^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$',
        description: 'A platform such as `linux/amd64` or `linux/arm/v7`.',
      }),
      'platforms such as `linux/amd64,linux/arm64/v8`',
    ),
    scope: 'registries',
    chart: { value: 'registry.platforms' },
    description:
      "Platforms of the cluster's nodes, for pods that don't select a platform; without it, all Linux platforms of the image",
  },
} as const;
