/**
 * Clockout's settings as one schema. The environment variables, the flags, their help, the checks and the table in
 * docs/configuration.md all come from it: `listenPort` is `CLOCKOUT_LISTEN_PORT` and `--listen-port`.
 */
import { type Static, Type } from 'typebox';
import { optionNames } from '../pod/annotations/table.ts';
import { prefix } from '../pod/names.ts';
import { duration, file, list, port } from './kinds.ts';
import { lookupSettings, reachSettings } from './registry.ts';

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const Quantity = Type.Union([
  Type.String({ pattern: '^\\d*\\.?\\d+(m|u|n|k|[MGTPE]|[KMGTPE]i|[eE][+-]?\\d+)?$' }),
  Type.Number({ minimum: 0 }),
]);
const Quantities = Type.Optional(Type.Record(Type.String(), Quantity));

/** Each may have its prefix, as in a pod. */
const annotation = `(${prefix.replace('.', '\\.')})?(${optionNames.join('|')})`;

/** In each, `expects` completes the sentence "expected …" of an error, and is a column of the docs. */
export const Schema = Type.Object({
  listenAddress: Type.String({
    default: '::',
    minLength: 1,
    description: 'Address that both servers listen on; `::` is every interface, IPv4 as well',
    expects: 'an IP address or host name',
  }),
  listenPort: port({
    default: 8443,
    description: 'Port of the webhook, `POST /mutate` over HTTPS; 0 takes a free one',
  }),
  metricsListenPort: port({
    default: 9090,
    description: 'Port of `/metrics`, `/livez` and `/readyz` over plain HTTP; 0 takes a free one',
  }),
  tlsCertFile: file("The webhook's certificate, PEM, its chain after it; without one, Clockout makes its own"),
  tlsKeyFile: file('Private key of that certificate, PEM'),
  tlsCaOut: file("File to write the self-made certificate's CA to, PEM, as the API server needs it in `caBundle`"),
  tlsHosts: Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Za-z0-9*.:-]+$' }), {
      minItems: 1,
      description:
        'What the webhook is called by: further names for a certificate that Clockout makes, beside `localhost`, `127.0.0.1` and `::1`; a given one must be for each of them',
      expects: 'host names or IP addresses, separated by commas',
    }),
  ),
  tlsCaSecret: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+/[a-z0-9.-]+$',
      description:
        'In a cluster: Secret in which all replicas share their CA; it is made if it is not there. Each replica signs its own certificate',
      expects: 'a namespace and a name, as in `clockout/clockout-ca`',
    }),
  ),
  webhookConfiguration: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9.-]+$',
      description: 'MutatingWebhookConfiguration whose `caBundle` is kept right, with that CA',
      expects: 'a name',
    }),
  ),
  tlsLifetime: duration({
    default: '7d',
    description: "Life of a replica's own certificate; a new one comes after two thirds of it",
  }),
  tlsCaLifetime: duration({
    default: '365d',
    description: 'Life of the shared CA; the next one is announced after two thirds of it',
  }),
  tlsCaOverlap: duration({
    default: '10m',
    description: 'How long the next CA is only trusted, until every API server and replica knows it, before it signs',
  }),
  clientCaFile: file(
    'CA of callers, PEM: only those are answered that present a certificate of it with one of `clientNames`',
  ),
  clientNames: list('^[^,]+$', {
    description: 'The common names (CN) of callers that are answered, where certificates are asked for',
    expects: 'names, separated by commas, as in `kube-apiserver`',
  }),
  wrapperImage: Type.String({
    default: 'busybox:1.37.0-musl@sha256:fc6dddc4c44b1bfe37f41cae8e67d1693828e8f42a91862816d7953e2c9d3f23',
    pattern: '^\\S+$',
    description: 'Image of the init container; its `/bin/busybox` must be statically linked',
    expects: 'an image reference',
  }),
  wrapperPullPolicy: Type.Optional(
    Type.Enum(['Always', 'IfNotPresent', 'Never'], {
      description: 'Pull policy of the init container; without one, Kubernetes decides',
      expects: '`Always`, `IfNotPresent` or `Never`',
    }),
  ),
  wrapperResources: Type.Optional(
    Type.Object(
      { requests: Quantities, limits: Quantities },
      {
        additionalProperties: false,
        description: "Resources of the init container; without them, those of the pod's largest app container",
        expects: 'JSON such as `{"requests":{"cpu":"10m"},"limits":{"memory":"32Mi"}}`',
      },
    ),
  ),
  onUnwrappable: Type.Enum(['admit', 'refuse'], {
    default: 'admit',
    description: 'A pod that asked for Clockout and cannot be wrapped: admit it unchanged with a warning, or refuse it',
    expects: '`admit` or `refuse`',
  }),
  allowedAnnotations: Type.String({
    default: 'all',
    pattern: `^(all|none|${annotation}( *, *${annotation})*)$`,
    description:
      'The annotations under `clockout.dev/` that pods may use: `all`, `none`, or a list of names; a pod with another one is skipped with the reason `invalid-annotation`',
    expects: `\`all\`, \`none\`, or some of ${optionNames.join(', ')}, separated by commas`,
  }),
  ...lookupSettings,
  ...reachSettings,
  drainSeconds: Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 3600,
    description: 'How long to go on serving after SIGTERM, until every API server knows that this replica leaves',
    expects: 'whole seconds, 0 to 3600',
  }),
  logLevel: Type.Enum([...logLevels], {
    default: 'info',
    description: 'The least level to log; `info` has a line for each pod wrapped, `debug` for each left alone, too',
    expects: logLevels.map((level) => `\`${level}\``).join(', '),
  }),
});

export type Config = Readonly<Static<typeof Schema>>;
export type SettingName = keyof Config;

export type Setting = {
  name: SettingName;
  variable: string;
  flag: string;
  description: string;
  expects: string;
  type?: string;
  /** Of a list. */
  items?: { type?: string };
  default?: string | number;
};

const separated = (name: string, separator: string) => name.replace(/[A-Z]/g, (letter) => separator + letter);

/** Every setting with its names, in the order of the docs. */
export const settings: readonly Setting[] = Object.entries(Schema.properties).map(([name, schema]) => ({
  ...(schema as unknown as Pick<Setting, 'description' | 'expects' | 'type' | 'items' | 'default'>),
  name: name as SettingName,
  variable: `CLOCKOUT_${separated(name, '_').toUpperCase()}`,
  flag: `--${separated(name, '-').toLowerCase()}`,
}));
