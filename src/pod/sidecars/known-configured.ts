/** Well-known sidecars whose settings decide how they are ended. known-plain.ts has those without such settings. */

import { longestUrl } from '../annotations/values.ts';
import type { Container } from '../schema.ts';
import { type Annotations, cannotEnd, itself, type Known, post, type SidecarEnd, term } from './end.ts';
import { isOn, isTrue, portOf, settingOf, variableOf } from './settings.ts';

/** The proxies of Cloud SQL and AlloyDB are one program with two names. By default they exit with code 143 on SIGTERM. */
function googleProxy(container: Container, variables: string, exitZero: string): SidecarEnd {
  const isSet = (flag: string) => isOn(container, flag, variables + flag.toUpperCase().replaceAll('-', '_'));
  const port = portOf(settingOf(container, 'admin-port', `${variables}ADMIN_PORT`), 9091);
  if (isSet('quitquitquit')) return post(port, '/quitquitquit', isSet(exitZero));
  return isSet(exitZero) ? term : cannotEnd('give it the argument --quitquitquit');
}

/** OpenBao is a fork of Vault. Their agents differ in the prefix of the annotations. */
function vaultAgent(annotations: Annotations, prefix: string): SidecarEnd {
  if (!isTrue(annotations[`${prefix}agent-enable-quit`])) return term;
  return post(portOf(annotations[`${prefix}agent-cache-listener-port`], 8200), '/agent/v1/quit');
}

export const configuredSidecars: readonly Known[] = [
  {
    title: 'Istio',
    names: ['istio-proxy'],
    // Not used: istio.ts reads its port and its kind (classic, native).
    end: () => term,
    ended: 'POST `:15020/quitquitquit`, or SIGTERM to pilot-agent',
    source: 'https://github.com/istio/istio/blob/1.26.0/pilot/cmd/pilot-agent/status/server.go',
    native: {
      stage: 'mesh',
      after: ['istio-init', 'istio-validation'],
      gate: true,
      waitHook: /(^|\/)pilot-agent$/,
      source:
        'https://github.com/istio/istio/blob/1.26.0/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml',
    },
  },
  {
    title: 'Cloud SQL Auth Proxy, version 1',
    names: [],
    image: 'gce-proxy',
    end: () => term,
    ended: 'SIGTERM',
    source:
      'https://github.com/GoogleCloudPlatform/cloud-sql-proxy/blob/v1.38.3/cmd/cloud_sql_proxy/cloud_sql_proxy.go',
    native: { stage: 'database' },
  },
  {
    title: 'Cloud SQL Auth Proxy',
    names: ['cloud-sql-proxy', 'cloudsql-proxy', 'cloud-sql-auth-proxy', 'csql-*'],
    image: 'cloud-sql-proxy',
    end: (container) => googleProxy(container, 'CSQL_PROXY_', 'exit-zero-on-sigterm'),
    ended: 'POST `:9091/quitquitquit` with `--quitquitquit`, SIGTERM with `--exit-zero-on-sigterm`',
    source: 'https://github.com/GoogleCloudPlatform/cloud-sql-proxy/blob/v2.27.0/cmd/root.go',
    native: { stage: 'database' },
  },
  {
    title: 'AlloyDB Auth Proxy',
    names: ['alloydb-auth-proxy'],
    image: 'alloydb-auth-proxy',
    end: (container) => googleProxy(container, 'ALLOYDB_PROXY_', 'exit-zero-sigterm'),
    ended: 'POST `:9091/quitquitquit` with `--quitquitquit`, SIGTERM with `--exit-zero-sigterm`',
    source: 'https://github.com/GoogleCloudPlatform/alloydb-auth-proxy/blob/v1.17.2/cmd/root.go',
    native: { stage: 'database' },
  },
  {
    title: 'Linkerd',
    names: ['linkerd-proxy'],
    end: (container) => {
      if (!isTrue(variableOf(container, 'LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED'))) return term;
      return post(portOf(variableOf(container, 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR'), 4191), '/shutdown');
    },
    ended: 'POST `:4191/shutdown` with `proxy.enableShutdownEndpoint`, else SIGTERM',
    source: 'https://github.com/linkerd/linkerd2-proxy/blob/29637b64f/linkerd/app/admin/src/server.rs',
    native: {
      stage: 'mesh',
      after: ['linkerd-init', 'linkerd-network-validator'],
      gate: true,
      waitHook: /(^|\/)linkerd-await$/,
      source: 'https://github.com/linkerd/linkerd2/blob/44e54696/charts/partials/templates/_proxy.tpl',
    },
  },
  {
    title: 'Dapr',
    names: ['daprd'],
    end: (container) => {
      // The API needs a token that Clockout does not have, or does not listen on loopback's TCP.
      const closed =
        container.env?.some(({ name }) => name === 'DAPR_API_TOKEN') ||
        settingOf(container, 'unix-domain-socket') !== undefined ||
        !/^$|127\.0\.0\.1|0\.0\.0\.0/.test(settingOf(container, 'dapr-listen-addresses') ?? '');
      return closed ? term : post(portOf(settingOf(container, 'dapr-http-port'), 3500), '/v1.0/shutdown');
    },
    ended: 'POST `:3500/v1.0/shutdown`; SIGTERM if the API needs a token or does not listen on 127.0.0.1',
    source: 'https://github.com/dapr/dapr/blob/v1.14.0/pkg/api/http/shutdown.go',
    // No gate: with an app port it is ready only when the app listens, which starts only after it.
    native: { stage: 'runtime', source: 'https://github.com/dapr/dapr/blob/v1.14.0/pkg/runtime/runtime.go' },
  },
  {
    title: 'Vault Agent',
    names: ['vault-agent'],
    end: (_, annotations) => vaultAgent(annotations, 'vault.hashicorp.com/'),
    ended: 'POST `:8200/agent/v1/quit` with the annotation `vault.hashicorp.com/agent-enable-quit`, else SIGTERM',
    source: 'https://github.com/hashicorp/vault/blob/v1.21.4/command/agent.go',
    // No gate: its init container has fetched the secrets.
    native: {
      stage: 'secrets',
      source: 'https://github.com/hashicorp/vault-k8s/blob/e37a8813/agent-inject/agent/agent.go',
    },
  },
  {
    title: 'Consul dataplane',
    names: ['consul-dataplane', 'consul-dataplane-*'],
    end: (container) => {
      if ((settingOf(container, 'graceful-addr') ?? '127.0.0.1') !== '127.0.0.1') return term;
      const path = settingOf(container, 'graceful-shutdown-path') ?? '/graceful_shutdown';
      return path.startsWith('/') && path.length <= longestUrl
        ? post(portOf(settingOf(container, 'graceful-port'), 20600), path)
        : term;
    },
    ended: 'POST `:20600/graceful_shutdown`; SIGTERM if that does not listen on 127.0.0.1',
    source: 'https://github.com/hashicorp/consul-dataplane/blob/28a963a/pkg/consuldp/lifecycle.go',
    native: {
      stage: 'mesh',
      after: ['consul-connect-inject-init*'],
      gate: true,
      source:
        'https://github.com/hashicorp/consul-k8s/blob/e8fc978f/control-plane/connect-inject/webhook/consul_dataplane_sidecar.go',
    },
  },
  {
    title: 'OpenBao Agent',
    names: ['openbao-agent'],
    end: (_, annotations) => vaultAgent(annotations, 'openbao.org/'),
    ended: 'POST `:8200/agent/v1/quit` with the annotation `openbao.org/agent-enable-quit`, else SIGTERM',
    source: 'https://github.com/openbao/openbao/blob/v2.6.2/command/agent.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'Datadog Agent',
    names: ['datadog-agent-injected'],
    // Newer injectors set it for Jobs: the agent exits when it sees no other processes.
    end: (container) =>
      isTrue(variableOf(container, 'DD_AUTO_EXIT_NOPROCESS_ENABLED'))
        ? itself
        : { by: 'term', otherwise: 'set DD_AUTO_EXIT_NOPROCESS_ENABLED to "true" in its env' },
    ended: 'SIGTERM; by itself with `DD_AUTO_EXIT_NOPROCESS_ENABLED`, when no other process is left',
    source: 'https://github.com/DataDog/datadog-agent/pull/31543',
    native: { stage: 'telemetry' },
  },
  {
    title: 'OpenTelemetry instrumentation for Go',
    names: ['opentelemetry-auto-instrumentation'],
    // Its injector makes the pod share its processes: the agent looks for the app by the path of its program.
    end: () => ({ by: 'term', otherwise: 'leave instrumentation.opentelemetry.io/inject-go out of Jobs' }),
    ended: 'SIGTERM',
    source:
      'https://github.com/open-telemetry/opentelemetry-operator/blob/033694747/internal/instrumentation/golang.go',
  },
];
