/** Sidecars as their injectors, operators and charts make them. */
import type { KubeObject } from '../../cluster/api.ts';
import { sidecarImages } from '../../cluster/images.ts';
import type { Sidecar } from './support/with-sidecar.ts';

/** Enough for it to start without Google: a token that is never used, since nothing connects. */
const offline = ['--token=none', '--lazy-refresh', '--port=5432', 'project:region:instance'];
const variables = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => ({ name, value }));

/** @see https://github.com/GoogleCloudPlatform/cloud-sql-proxy/blob/v2.27.0/examples/k8s-sidecar/job_with_shutdown_hook.yaml */
const cloudSql = (...flags: string[]): KubeObject => ({
  name: 'cloud-sql-proxy',
  image: sidecarImages.cloudSqlProxy,
  args: [...flags, ...offline],
  securityContext: { runAsNonRoot: true },
});

/** @see https://github.com/GoogleCloudPlatform/cloud-sql-proxy-operator/blob/v1.8.1/internal/workload/podspec_updates.go#L862 */
const ofCloudSqlOperator: KubeObject = {
  name: 'csql-default-database',
  image: sidecarImages.cloudSqlProxy,
  args: offline,
  env: variables({
    CSQL_PROXY_HTTP_PORT: '9801',
    CSQL_PROXY_HTTP_ADDRESS: '0.0.0.0',
    CSQL_PROXY_HEALTH_CHECK: 'true',
    CSQL_PROXY_EXIT_ZERO_ON_SIGTERM: 'true',
    CSQL_PROXY_QUITQUITQUIT: 'true',
    CSQL_PROXY_ADMIN_PORT: '9093',
  }),
  lifecycle: { preStop: { httpGet: { port: 9093, path: '/quitquitquit' } } },
  securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
};

/** @see https://github.com/linkerd/linkerd2/blob/edge-26.8.3/charts/partials/templates/_proxy.tpl */
const linkerd = (shutdown: boolean): KubeObject => ({
  name: 'linkerd-proxy',
  image: sidecarImages.linkerdProxy,
  env: variables({
    LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: String(shutdown),
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '0.0.0.0:4191',
  }),
  readinessProbe: { httpGet: { path: '/ready', port: 4191 } },
  lifecycle: { postStart: { exec: { command: ['/usr/lib/linkerd/linkerd-await', '--timeout=2m', '--port=4191'] } } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 2102,
    seccompProfile: { type: 'RuntimeDefault' },
  },
});

/** @see https://github.com/dapr/dapr/blob/v1.14.0/pkg/injector/patcher/sidecar_container.go#L61 */
const dapr = (env: Record<string, string> = {}, ...flags: string[]): KubeObject => ({
  name: 'daprd',
  image: sidecarImages.daprd,
  args: [
    ...['/daprd', '--dapr-http-port', '3500', '--dapr-grpc-port', '50001', '--dapr-internal-grpc-port', '50002'],
    ...['--dapr-listen-addresses', '[::1],127.0.0.1', '--dapr-public-port', '3501', '--app-id', 'job'],
    ...['--app-protocol', 'http', '--log-level', 'info', '--dapr-graceful-shutdown-seconds', '-1'],
    ...['--mode', 'standalone', ...flags],
  ],
  env: variables(env),
  readinessProbe: { httpGet: { path: '/v1.0/healthz', port: 3501 } },
  securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, readOnlyRootFilesystem: true },
});

const listener = { type: 'tcp', address: '127.0.0.1:8201', tls_disable: true, agent_api: { enable_quit: true } };

/** @see https://github.com/hashicorp/vault-k8s/blob/v1.7.6/agent-inject/agent/container_sidecar.go#L23 */
const vault = (config: object, andThen = ''): Pick<Sidecar, 'container' | 'volumes'> => ({
  container: {
    name: 'vault-agent',
    image: sidecarImages.vault,
    command: ['/bin/sh', '-ec'],
    args: [
      `echo \${VAULT_CONFIG?} | base64 -d > /home/vault/config.json && vault agent -config=/home/vault/config.json${andThen}`,
    ],
    env: variables({ VAULT_CONFIG: Buffer.from(JSON.stringify(config)).toString('base64') }),
    volumeMounts: [{ name: 'home-sidecar', mountPath: '/home/vault' }],
    lifecycle: {},
    securityContext: {
      runAsUser: 100,
      runAsGroup: 1000,
      runAsNonRoot: true,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    },
  },
  volumes: [{ name: 'home-sidecar', emptyDir: { medium: 'Memory' } }],
});

/** The key begins the names of its cases. */
export const sidecars = {
  'cloud-sql': {
    title: 'Cloud SQL Auth Proxy with `--quitquitquit`',
    container: cloudSql('--quitquitquit', '--admin-port', '9092'),
  },
  'cloud-sql-operator': { title: "Cloud SQL Auth Proxy of Google's operator", container: ofCloudSqlOperator },
  'cloud-sql-term': {
    title: 'Cloud SQL Auth Proxy with only `--exit-zero-on-sigterm`',
    container: cloudSql('--exit-zero-on-sigterm'),
  },
  linkerd: { title: 'Linkerd, as it is by default', container: linkerd(false), first: true },
  'linkerd-shutdown': { title: 'Linkerd with `proxy-admin-shutdown: enabled`', container: linkerd(true), first: true },
  dapr: { title: 'Dapr', container: dapr() },
  'dapr-app-port': { title: 'Dapr with an app port', container: dapr({}, '--app-port', '8080') },
  'dapr-token': { title: 'Dapr with an API token', container: dapr({ DAPR_API_TOKEN: 'secret' }) },
  // To a Dapr that is ending, a second TERM means exit code 1.
  'dapr-slow': {
    title: 'Dapr with an API token and `block-shutdown-duration: 12s`',
    container: dapr({ DAPR_API_TOKEN: 'secret' }, '--dapr-block-shutdown-duration', '12s'),
    bound: 18,
  },
  vault: { title: 'Vault Agent, as it is by default', ...vault({}) },
  // A shell that is process 1 passes no signal on.
  'vault-shell': { title: 'Vault Agent under a shell that stays', ...vault({}, ' && :') },
  'vault-quit': {
    title: 'Vault Agent with `agent-enable-quit`',
    ...vault({ listener: [listener] }),
    annotations: {
      'vault.hashicorp.com/agent-enable-quit': 'true',
      'vault.hashicorp.com/agent-cache-listener-port': '8201',
    },
  },
} satisfies Record<string, Sidecar>;

/** One that nobody knows. The first of its URLs never answers, and the second is refused. */
export const helper: Sidecar = {
  title: '`clockout.dev/quit-urls`, of which one never answers and one is refused',
  container: { name: 'helper', image: sidecarImages.helper },
  annotations: {
    'clockout.dev/exclude-containers': 'helper',
    'clockout.dev/quit-urls': [7071, 7072, 7070].map((port) => `http://127.0.0.1:${port}/end`).join(','),
    'clockout.dev/quit-timeout': '5s',
  },
  bound: 8,
};

/** As it is injected where Kubernetes ends it. */
export const nativeLinkerd: KubeObject = { ...linkerd(false), restartPolicy: 'Always', lifecycle: undefined };

/** Nothing in it says how to end it well. */
export const cloudSqlWithoutEnd: Sidecar = { title: 'Cloud SQL Auth Proxy without either flag', container: cloudSql() };
