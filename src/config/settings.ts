/**
 * Every setting, as one entry. Its environment variable, flag, help, checks and row in docs/configuration.md come from the
 * entry: `listenPort` is `CLOCKOUT_LISTEN_PORT` and `--listen-port`. So do its row in the chart's schema, and its line in the
 * chart's Deployment.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { optionNames } from '../pod/annotations/table.ts';
import { prefix } from '../pod/names.ts';
import { firstWithNative } from '../pod/sidecars/native.ts';
import { DefaultsInChart, defaultsKind } from './defaults-setting.ts';
import { choice, duration, file, integer, json, type Kind, list, onOrOff, port, text } from './kinds.ts';
import { registrySettings } from './registry.ts';

type Entry<Schema extends TSchema = TSchema> = {
  kind: Kind<Schema>;
  description: string;
  /** As in the environment. */
  default?: string;
  /** Which commands have it in addition to `serve`: `pods` are inject and explain; `ends` also end; `registries` also entrypoint. */
  scope?: 'pods' | 'ends' | 'registries';
  chart: InChart;
};

/** Where the Helm chart takes a setting from. Values are paths in values.yaml. */
type InChart =
  /** A value as it is. `schema` is for a value that accepts something else than its kind does. */
  | { value: string; schema?: TSchema }
  /** What a template makes of a value, in templates/_env.tpl: the name of an object, or a file that the chart mounts. */
  | { template: string }
  /** The chart leaves the setting at its default. */
  | 'unset';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const Quantity = Type.Union([
  Type.String({ pattern: '^\\d*\\.?\\d+(m|u|n|k|[MGTPE]|[KMGTPE]i|[eE][+-]?\\d+)?$' }),
  Type.Number({ minimum: 0 }),
]);
const quantities = (description: string) => Type.Optional(Type.Record(Type.String(), Quantity, { description }));

/** With or without the prefix that it has in a pod. */
const annotation = `(${prefix.replace('.', '\\.')})?(${optionNames.join('|')})`;
const AllowedAnnotations = Type.Array(
  Type.String({
    pattern: `^(all|none|${annotation})$`,
    description: '`all`, `none`, or the name of an annotation, with or without the prefix `clockout.dev/`.',
  }),
  { minItems: 1, uniqueItems: true },
);

/** Of a certificate: not in milliseconds. */
const Lifetime = Type.String({ pattern: '^[1-9][0-9]{0,5}[smhd]$' });

const entries = {
  listenAddress: {
    kind: text('an IP address or host name'),
    default: '::',
    chart: 'unset',
    description: 'Address that both servers listen on; `::` is every interface, with IPv4 and IPv6',
  },
  listenPort: {
    kind: port,
    default: '8443',
    chart: { value: 'ports.webhook' },
    description: 'Port of the webhook, `POST /mutate` over HTTPS; 0 selects a free port',
  },
  metricsListenPort: {
    kind: port,
    default: '9090',
    chart: { value: 'ports.metrics' },
    description: 'Port of `/metrics`, `/livez` and `/readyz` over HTTP; 0 selects a free port',
  },
  tlsCertFile: {
    kind: file,
    chart: { template: 'certs.mode' },
    description: "The webhook's certificate and its chain, in PEM; without it, Clockout creates a certificate",
  },
  tlsKeyFile: {
    kind: file,
    chart: { template: 'certs.mode' },
    description: 'Private key of that certificate, in PEM',
  },
  tlsCaOut: {
    kind: file,
    chart: 'unset',
    description:
      "File to write the self-signed certificate's CA to, in PEM, for the `caBundle` of the webhook configuration",
  },
  tlsHosts: {
    kind: list(Type.String({ pattern: '^[A-Za-z0-9*.:-]+$' }), 'host names or IP addresses, separated by commas'),
    chart: { template: 'certs.mode' },
    description:
      'Host names and IP addresses of the webhook. A certificate that Clockout creates covers them, `localhost`, `127.0.0.1` and `::1`; one that you provide must cover them',
  },
  tlsCaSecret: {
    kind: text('a namespace and a name, as in `clockout/clockout-ca`', '^[a-z0-9-]+/[a-z0-9.-]+$'),
    chart: { template: 'certs.self.secretName' },
    description:
      'Secret for the CA that all replicas share; Clockout creates it if needed. Each replica signs a certificate of its own with that CA',
  },
  webhookConfiguration: {
    kind: text('a name', '^[a-z0-9.-]+$'),
    chart: { template: 'webhook.name' },
    description: 'MutatingWebhookConfiguration whose `caBundle` Clockout keeps in line with that CA',
  },
  askIstioConfiguration: {
    kind: text('a name', '^[a-z0-9.-]+$'),
    chart: { template: 'native.askIstio' },
    description:
      'MutatingWebhookConfiguration that the API server calls before Istio: its webhook, `POST /mutate/ask-istio`, asks Istio for a native sidecar',
  },
  tlsLifetime: {
    kind: duration,
    default: '7d',
    chart: { value: 'certs.self.lifetime', schema: Lifetime },
    description: "Lifetime of a replica's own certificate; the replica renews it after two thirds of that time",
  },
  tlsCaLifetime: {
    kind: duration,
    default: '365d',
    chart: { value: 'certs.self.caLifetime', schema: Lifetime },
    description: 'Lifetime of the shared CA; the next CA is published after two thirds of that time',
  },
  tlsCaOverlap: {
    kind: duration,
    default: '10m',
    chart: { value: 'certs.self.caOverlap', schema: Lifetime },
    description:
      'How long the next CA is published before it signs, so that every API server and replica knows it by then',
  },
  clientCaFile: {
    kind: file,
    chart: { template: 'webhook.clientCA' },
    description:
      'CA of callers, in PEM; the webhook then answers only callers that present a certificate of this CA with one of the names in `CLOCKOUT_CLIENT_NAMES`',
  },
  clientNames: {
    kind: list(
      Type.String({ pattern: '^[^,]+$', description: 'A common name (CN). It contains no comma.' }),
      'names, separated by commas, as in `kube-apiserver`',
    ),
    chart: { value: 'webhook.clientNames' },
    description: 'Common names (CN) of the callers that the webhook answers if `CLOCKOUT_CLIENT_CA_FILE` is set',
  },
  wrapperImage: {
    kind: text('an image reference', '^\\S+$'),
    default: 'busybox:1.37.0-musl@sha256:fc6dddc4c44b1bfe37f41cae8e67d1693828e8f42a91862816d7953e2c9d3f23',
    scope: 'pods',
    chart: { value: 'wrapper.image' },
    description: 'Image of the init container; its `/bin/busybox` must be statically linked',
  },
  wrapperPullPolicy: {
    kind: choice('Always', 'IfNotPresent', 'Never'),
    scope: 'pods',
    chart: { value: 'wrapper.pullPolicy' },
    description: 'Pull policy of the init container; without it, Kubernetes decides',
  },
  wrapperResources: {
    kind: json(
      Type.Object(
        {
          requests: quantities('Requests of the init container.'),
          limits: quantities('Limits of the init container.'),
        },
        { additionalProperties: false },
      ),
      '{"requests":{"cpu":"10m"},"limits":{"memory":"32Mi"}}',
    ),
    scope: 'pods',
    chart: { value: 'wrapper.resources' },
    description:
      "Resources of the init container; without it, those of the pod's largest app container, or small ones if that has none",
  },
  strategy: {
    kind: choice('wrap', 'native', 'auto'),
    default: 'wrap',
    scope: 'pods',
    chart: { value: 'strategy' },
    description:
      'How pods are made to end: by a wrapper around their apps, by making their sidecars native ones, or natively where the cluster is new enough. The label `clockout.dev/strategy` of a namespace and the annotation of a pod take precedence',
  },
  nativeFrom: {
    kind: integer(firstWithNative, 999, `a minor version of Kubernetes from ${firstWithNative} on, as in 33 for 1.33`),
    default: '33',
    scope: 'pods',
    chart: { value: 'native.from' },
    description:
      'Minor version of Kubernetes that all nodes must have before `auto` makes sidecars native. Versions before 33 have known bugs',
  },
  nativeNodes: {
    kind: text('a label selector, as in `kubectl get nodes --selector`', '^[A-Za-z0-9 !=,()._/-]{1,1000}$'),
    default: 'kubernetes.io/os!=windows',
    chart: { value: 'native.nodes' },
    description:
      'Nodes whose versions count for `auto`: all on which pods of Jobs can run. Clockout then needs permission to list nodes',
  },
  onUnwrappable: {
    kind: choice('admit', 'refuse'),
    default: 'admit',
    chart: { value: 'onUnwrappable' },
    description:
      'What to do with a pod that asks for Clockout and cannot be wrapped: admit it unchanged with a warning, or refuse it',
  },
  allowedAnnotations: {
    kind: text(
      `\`all\`, \`none\`, or some of ${optionNames.join(', ')}, separated by commas`,
      `^(all|none|${annotation}( *, *${annotation})*)$`,
    ),
    default: 'all',
    scope: 'ends',
    chart: { value: 'allowedAnnotations', schema: AllowedAnnotations },
    description:
      'The annotations under `clockout.dev/` that pods may use. A pod with another one is skipped with the reason `invalid-annotation`',
  },
  defaults: {
    kind: defaultsKind,
    scope: 'ends',
    chart: { value: 'defaults', schema: DefaultsInChart },
    description:
      'Default values of the annotations under `clockout.dev/`, by their names without the prefix; an annotation of the pod or of its namespace takes precedence',
  },
  namespaceDefaults: {
    kind: onOrOff,
    default: 'off',
    scope: 'ends',
    chart: { value: 'namespaceDefaults' },
    description:
      'Whether the annotations of a namespace are defaults for its pods; Clockout then needs permission to list and watch namespaces',
  },
  events: {
    kind: onOrOff,
    default: 'off',
    chart: { value: 'events' },
    description:
      'Whether to write an Event on the owner of a pod, such as its Job, when a pod that asked for Clockout could not be wrapped, and when the first one was wrapped; Clockout then needs permission to create Events',
  },
  metricsNamespaces: {
    kind: integer(0, 1000, 'whole namespaces, 0 to 1000'),
    default: '0',
    chart: { value: 'metricsNamespaces' },
    description:
      'In how many namespaces skipped pods are also counted by namespace, in `clockout_namespace_skipped_pods_total`; all further ones count as `_other`',
  },
  ...registrySettings,
  sweepMinutes: {
    kind: integer(0, 1440, 'whole minutes, 0 to 1440'),
    default: '0',
    chart: { value: 'sweep.minutes' },
    description:
      'How often Clockout counts the pods of Jobs that hang and that it has not changed, for the metric `clockout_hanging_pods`; 0: never. Clockout then needs permission to list pods',
  },
  drainSeconds: {
    kind: integer(0, 3600, 'whole seconds, 0 to 3600'),
    default: '10',
    chart: { value: 'drainSeconds' },
    description:
      'How long a replica keeps serving after SIGTERM, until every API server has stopped sending it new requests',
  },
  logLevel: {
    kind: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    chart: { value: 'logLevel' },
    description:
      'Minimum level to log; `info` has a line for each pod that is wrapped, or that asked for Clockout and could not be wrapped; `debug` also has one for each other pod',
  },
} as const satisfies Record<string, Entry>;

type Entries = typeof entries;
type ValueOf<E extends Entry> = Static<E['kind']['schema']>;
type HasDefault<E extends Entry> = E extends { default: string } ? true : false;

export type SettingName = keyof Entries;

/** A value for each setting. Durations are in milliseconds; a setting without a default may be missing. */
export type Config = Readonly<
  { [Name in SettingName as HasDefault<Entries[Name]> extends true ? Name : never]: ValueOf<Entries[Name]> } & {
    [Name in SettingName as HasDefault<Entries[Name]> extends true ? never : Name]?: ValueOf<Entries[Name]>;
  }
>;

export type Setting = Entry & { name: SettingName; variable: string; flag: string };

const separated = (name: string, separator: string) => name.replace(/[A-Z]/g, (letter) => separator + letter);

/** Every setting with its names, in the order of the docs. */
export const settings: readonly Setting[] = Object.entries<Entry>(entries).map(([name, entry]) => ({
  ...entry,
  name: name as SettingName,
  variable: `CLOCKOUT_${separated(name, '_').toUpperCase()}`,
  flag: `--${separated(name, '-').toLowerCase()}`,
}));
