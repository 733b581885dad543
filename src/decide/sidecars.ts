/**
 * Well-known sidecars, by the container names that their injectors and charts give them. They serve the app rather than
 * do its work, so they are not wrapped; `clockout.dev/containers` overrules this table.
 */
const sidecars: Readonly<Record<string, string>> = {
  'istio-proxy': 'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  'linkerd-proxy': 'https://linkerd.io/2/reference/proxy-configuration/',
  'kuma-sidecar': 'https://kuma.io/docs/latest/production/dp-config/dpp-on-kubernetes/',
  'consul-dataplane': 'https://developer.hashicorp.com/consul/docs/connect/dataplane',
  daprd: 'https://docs.dapr.io/concepts/dapr-services/sidecar/',
  'vault-agent': 'https://developer.hashicorp.com/vault/docs/platform/k8s/injector',
  'cloud-sql-proxy': 'https://cloud.google.com/sql/docs/postgres/connect-kubernetes-engine',
  'cloudsql-proxy': 'https://cloud.google.com/sql/docs/postgres/connect-kubernetes-engine',
  'cloud-sql-auth-proxy': 'https://cloud.google.com/sql/docs/postgres/connect-kubernetes-engine',
  'alloydb-auth-proxy': 'https://cloud.google.com/alloydb/docs/auth-proxy/connect',
  'gke-gcsfuse-sidecar':
    'https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/cloud-storage-fuse-csi-driver',
  'otc-container': 'https://opentelemetry.io/docs/platforms/kubernetes/operator/',
  'aws-otel-collector': 'https://aws-otel.github.io/docs/getting-started/operator',
  'xray-daemon': 'https://docs.aws.amazon.com/xray/latest/devguide/xray-daemon.html',
};

export const isSidecar = (containerName: string) => Object.hasOwn(sidecars, containerName);
