/**
 * Well-known sidecars, by the names that their injectors and charts give their containers, and how each is ended. They
 * serve the app rather than do its work, so they are not wrapped; `clockout.dev/containers` overrules this table.
 */
import type { Container } from '../types.ts';
import { isOn, isTrue, portOf, settingOf, variableOf } from './sidecar-settings.ts';
import { longestUrl } from './values.ts';

/**
 * What ends a sidecar when its pod's apps have ended:
 * - `url`: a POST to it, and with `term` also TERM; only where the pod shows that it listens there
 * - `term`: TERM to its processes, after which it exits with 0, so that the pod's result stays the apps'
 * - `itself`: it finds out by other means, and needs nobody
 * - `nobody`: nothing that can be done from inside the pod; `advice` says what its owner can do
 */
export type SidecarEnd =
  | { by: 'url'; url: string; term: boolean }
  | { by: 'term' }
  | { by: 'itself' }
  | { by: 'nobody'; advice: string };

type Known = {
  /** Of its container. */
  names: RegExp;
  /** The last part of its image's path, where people name the container as they like; a mirror changes all before it. */
  image?: string;
  end: (container: Container, annotations: Annotations) => SidecarEnd;
  /** For the docs: what it is, by what it is recognised, how it is ended, and where that comes from. */
  title: string;
  recognised: string;
  ended: string;
  source: string;
};

type Annotations = Record<string, string | null>;

const term: SidecarEnd = { by: 'term' };
const itself: SidecarEnd = { by: 'itself' };
export const nobody = (advice: string): SidecarEnd => ({ by: 'nobody', advice });

/** @param port undefined where there is one that the pod does not show: any other would be asked in vain */
function post(port: number | undefined, path: string, orTerm = true): SidecarEnd {
  if (port !== undefined) return { by: 'url', url: `http://127.0.0.1:${port}${path}`, term: orTerm };
  return orTerm ? term : nobody('its admin port cannot be read from the pod; write it there as a number');
}

/** Cloud SQL's and AlloyDB's proxies are one program with two names: unless told otherwise, TERM is 143 to them. */
function googleProxy(container: Container, variables: string, exitZero: string): SidecarEnd {
  const isSet = (flag: string) => isOn(container, flag, variables + flag.toUpperCase().replaceAll('-', '_'));
  const port = portOf(settingOf(container, 'admin-port', `${variables}ADMIN_PORT`), 9091);
  if (isSet('quitquitquit')) return post(port, '/quitquitquit', isSet(exitZero));
  return isSet(exitZero) ? term : nobody('give it the argument --quitquitquit');
}

/** All that Clockout knows; the first that fits counts. */
export const knownSidecars: readonly Known[] = [
  {
    title: 'Istio',
    names: /^istio-proxy$/,
    // How, stands in istio.ts: it has a port of its own, and a kind (classic, native).
    end: () => term,
    recognised: '`istio-proxy`',
    ended: 'POST `:15020/quitquitquit`, or TERM to pilot-agent',
    source: 'https://github.com/istio/istio/blob/1.26.0/pilot/cmd/pilot-agent/status/server.go',
  },
  {
    title: 'Cloud SQL Auth Proxy, version 1',
    names: /^$/,
    image: 'gce-proxy',
    end: () => term,
    recognised: 'image `…/gce-proxy`',
    ended: 'TERM',
    source:
      'https://github.com/GoogleCloudPlatform/cloud-sql-proxy/blob/v1.38.3/cmd/cloud_sql_proxy/cloud_sql_proxy.go',
  },
  {
    title: 'Cloud SQL Auth Proxy',
    names: /^(cloud-sql-proxy|cloudsql-proxy|cloud-sql-auth-proxy|csql-.+)$/,
    image: 'cloud-sql-proxy',
    end: (container) => googleProxy(container, 'CSQL_PROXY_', 'exit-zero-on-sigterm'),
    recognised: '`cloud-sql-proxy`, `cloudsql-proxy`, `cloud-sql-auth-proxy`, `csql-…`, or image `…/cloud-sql-proxy`',
    ended: 'POST `:9091/quitquitquit` with `--quitquitquit`, TERM with `--exit-zero-on-sigterm`',
    source: 'https://github.com/GoogleCloudPlatform/cloud-sql-proxy/blob/v2.27.0/cmd/root.go',
  },
  {
    title: 'AlloyDB Auth Proxy',
    names: /^alloydb-auth-proxy$/,
    image: 'alloydb-auth-proxy',
    end: (container) => googleProxy(container, 'ALLOYDB_PROXY_', 'exit-zero-sigterm'),
    recognised: '`alloydb-auth-proxy`, or image `…/alloydb-auth-proxy`',
    ended: 'POST `:9091/quitquitquit` with `--quitquitquit`, TERM with `--exit-zero-sigterm`',
    source: 'https://github.com/GoogleCloudPlatform/alloydb-auth-proxy/blob/v1.17.2/cmd/root.go',
  },
  {
    title: 'Linkerd',
    names: /^linkerd-proxy$/,
    end: (container) => {
      if (!isTrue(variableOf(container, 'LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED'))) return term;
      return post(portOf(variableOf(container, 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR'), 4191), '/shutdown');
    },
    recognised: '`linkerd-proxy`',
    ended: 'POST `:4191/shutdown` where `proxy.enableShutdownEndpoint` is on, else TERM',
    source: 'https://github.com/linkerd/linkerd2-proxy/blob/29637b64f/linkerd/app/admin/src/server.rs',
  },
  {
    title: 'Dapr',
    names: /^daprd$/,
    end: (container) => {
      // Only with a token that we do not have, or on no TCP port of loopback.
      const closed =
        container.env?.some(({ name }) => name === 'DAPR_API_TOKEN') ||
        settingOf(container, 'unix-domain-socket') !== undefined ||
        !/^$|127\.0\.0\.1|0\.0\.0\.0/.test(settingOf(container, 'dapr-listen-addresses') ?? '');
      return closed ? term : post(portOf(settingOf(container, 'dapr-http-port'), 3500), '/v1.0/shutdown');
    },
    recognised: '`daprd`',
    ended: 'POST `:3500/v1.0/shutdown`; TERM where the API asks for a token or does not listen on 127.0.0.1',
    source: 'https://github.com/dapr/dapr/blob/v1.14.0/pkg/api/http/shutdown.go',
  },
  {
    title: 'Vault Agent',
    names: /^vault-agent$/,
    end: (_, annotations) => {
      if (!isTrue(annotations['vault.hashicorp.com/agent-enable-quit'])) return term;
      return post(portOf(annotations['vault.hashicorp.com/agent-cache-listener-port'], 8200), '/agent/v1/quit');
    },
    recognised: '`vault-agent`',
    ended: 'POST `:8200/agent/v1/quit` with the annotation `vault.hashicorp.com/agent-enable-quit`, else TERM',
    source: 'https://github.com/hashicorp/vault/blob/v1.21.4/command/agent.go',
  },
  {
    title: 'Consul dataplane',
    names: /^consul-dataplane(-.+)?$/,
    end: (container) => {
      if ((settingOf(container, 'graceful-addr') ?? '127.0.0.1') !== '127.0.0.1') return term;
      const path = settingOf(container, 'graceful-shutdown-path') ?? '/graceful_shutdown';
      return path.startsWith('/') && path.length <= longestUrl
        ? post(portOf(settingOf(container, 'graceful-port'), 20600), path)
        : term;
    },
    recognised: '`consul-dataplane`, `consul-dataplane-…`',
    ended: 'POST `:20600/graceful_shutdown`; TERM where that does not listen on 127.0.0.1',
    source: 'https://github.com/hashicorp/consul-dataplane/blob/28a963a/pkg/consuldp/lifecycle.go',
  },
  {
    title: 'OpenTelemetry collector',
    names: /^(otc-container|aws-otel-collector)$/,
    end: () => term,
    recognised: '`otc-container`, `aws-otel-collector`',
    ended: 'TERM',
    source: 'https://github.com/open-telemetry/opentelemetry-collector/blob/0199c0c66/otelcol/collector.go',
  },
  {
    title: 'AWS X-Ray daemon',
    names: /^xray-daemon$/,
    end: () => term,
    recognised: '`xray-daemon`',
    ended: 'TERM',
    source: 'https://github.com/aws/aws-xray-daemon/blob/v3.6.6/cmd/tracing/tracing.go',
  },
  {
    title: 'Kuma',
    names: /^kuma-sidecar$/,
    end: () => itself,
    recognised: '`kuma-sidecar`',
    ended: 'its control plane, when no other container runs',
    source: 'https://github.com/kumahq/kuma/blob/348b6528/pkg/plugins/runtime/k8s/controllers/pod_status_controller.go',
  },
  {
    title: 'Cloud Storage FUSE on GKE',
    names: /^(gke-gcsfuse-sidecar|gke-gcsfuse-metadata-prefetch)$/,
    end: () => itself,
    recognised: '`gke-gcsfuse-sidecar`, `gke-gcsfuse-metadata-prefetch`',
    ended: 'its CSI driver, when no other container runs',
    source: 'https://github.com/GoogleCloudPlatform/gcs-fuse-csi-driver/blob/5fcdc04a/pkg/csi_driver/utils.go',
  },
];

/** What is known of a container that is a sidecar. */
export function findKnown({ name, image }: Container): Known | undefined {
  const last = lastPart(image ?? '');
  return knownSidecars.find((known) => known.names.test(name) || known.image === last);
}

/** Of an image's path, without tag and digest. */
function lastPart(image: string): string {
  const digest = image.indexOf('@');
  const path = digest < 0 ? image : image.slice(0, digest);
  const last = path.slice(path.lastIndexOf('/') + 1);
  const tag = last.indexOf(':');
  return tag < 0 ? last : last.slice(0, tag);
}
