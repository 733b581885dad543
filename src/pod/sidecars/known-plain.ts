/**
 * Well-known sidecars that are ended in the same way however they are set up. `source` shows how the program handles SIGTERM,
 * or what else ends it.
 */
import { cannotEnd, itself, type Known, term } from './end.ts';

type Row = Omit<Known, 'end' | 'ended'>;

/** They exit with code 0 on SIGTERM. An image with an everyday name is not listed: it can be an app. */
const byTerm: readonly Row[] = [
  {
    title: 'Azure Workload Identity proxy',
    names: ['azwi-proxy'],
    source: 'https://github.com/Azure/azure-workload-identity/blob/v1.6.0/cmd/proxy/main.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'Jaeger Agent',
    names: ['jaeger-agent'],
    image: 'jaeger-agent',
    source: 'https://github.com/jaegertracing/jaeger/blob/v1.62.0/cmd/agent/main.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Fluent Bit',
    names: ['fluent-bit', 'fluentbit'],
    image: 'fluent-bit',
    isAlsoApp: true,
    source: 'https://github.com/fluent/fluent-bit/blob/d55459d49/src/fluent-bit.c',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Fluentd',
    names: ['fluentd'],
    image: 'fluentd',
    isAlsoApp: true,
    source: 'https://github.com/fluent/fluentd/blob/v1.19.3/lib/fluent/supervisor.rb',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Vector',
    names: ['vector'],
    isAlsoApp: true,
    source: 'https://github.com/vectordotdev/vector/blob/v0.57.0/src/app.rs',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Promtail',
    names: ['promtail'],
    image: 'promtail',
    isAlsoApp: true,
    source: 'https://github.com/grafana/loki/blob/v3.5.0/clients/cmd/promtail/main.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Grafana Alloy',
    names: ['alloy', 'grafana-alloy'],
    isAlsoApp: true,
    source: 'https://github.com/grafana/alloy/blob/v1.9.0/internal/alloycli/cmd_run.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Telegraf',
    names: ['telegraf', 'telegraf-istio'],
    image: 'telegraf',
    isAlsoApp: true,
    source: 'https://github.com/influxdata/telegraf/blob/v1.39.3/cmd/telegraf/telegraf.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'CloudWatch agent',
    names: ['cloudwatch-agent'],
    image: 'cloudwatch-agent',
    isAlsoApp: true,
    source:
      'https://github.com/aws/amazon-cloudwatch-agent/blob/ab55b8da/cmd/amazon-cloudwatch-agent/amazon-cloudwatch-agent.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'OpenTelemetry collector',
    names: ['otc-container', 'aws-otel-collector'],
    source: 'https://github.com/open-telemetry/opentelemetry-collector/blob/0199c0c66/otelcol/collector.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'Sumo Logic tailing sidecar',
    names: ['tailing-sidecar-*'],
    image: 'tailing-sidecar',
    source: 'https://github.com/SumoLogic/tailing-sidecar/blob/3f8a8c6a/sidecar/otelcol/Dockerfile',
    native: { stage: 'telemetry' },
  },
  {
    title: 'AWS X-Ray daemon',
    names: ['xray-daemon'],
    source: 'https://github.com/aws/aws-xray-daemon/blob/v3.6.6/cmd/tracing/tracing.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'AWS App Mesh',
    names: [],
    image: 'aws-appmesh-envoy',
    source: 'https://github.com/aws/amazon-ecs-service-connect-agent/blob/1ba8235e/agent/agent.go',
    native: { stage: 'mesh' },
  },
  {
    title: 'Consul Connect, before its dataplane',
    names: ['envoy-sidecar', 'envoy-sidecar-*'],
    source: 'https://github.com/hashicorp/consul-k8s/blob/v0.49.8/control-plane/connect-inject/envoy_sidecar.go',
    native: { stage: 'mesh' },
  },
  {
    title: 'Infisical Agent',
    names: ['infisical-agent'],
    source: 'https://github.com/Infisical/cli/blob/v0.43.121/packages/cmd/agent.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'Secretless Broker',
    names: ['secretless'],
    image: 'secretless-broker',
    source: 'https://github.com/cyberark/secretless-broker/blob/v1.7.28/pkg/secretless/entrypoint/entrypoint.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'SPIFFE Helper',
    names: ['spiffe-helper'],
    image: 'spiffe-helper',
    isAlsoApp: true,
    source: 'https://github.com/spiffe/spiffe-helper/blob/v0.11.0/cmd/spiffe-helper/main.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'flagd',
    names: ['flagd'],
    image: 'flagd',
    isAlsoApp: true,
    source: 'https://github.com/open-feature/flagd/blob/bbb05d4b/flagd/pkg/runtime/runtime.go',
  },
  {
    title: 'kube-rbac-proxy',
    names: ['kube-rbac-proxy'],
    image: 'kube-rbac-proxy',
    source: 'https://github.com/brancz/kube-rbac-proxy/blob/v0.21.0/cmd/kube-rbac-proxy/app/kube-rbac-proxy.go',
  },
  {
    title: 'OAuth2 Proxy',
    names: ['oauth2-proxy'],
    image: 'oauth2-proxy',
    source: 'https://github.com/oauth2-proxy/oauth2-proxy/blob/v7.15.3/oauthproxy.go',
  },
];

/** Another controller ends them, or they end when the apps have ended. */
const byItself: readonly (Row & Pick<Known, 'ended'>)[] = [
  {
    title: 'Kuma',
    names: ['kuma-sidecar'],
    ended: 'its control plane, when no other container runs',
    source: 'https://github.com/kumahq/kuma/blob/348b6528/pkg/plugins/runtime/k8s/controllers/pod_status_controller.go',
  },
  {
    title: 'Cloud Storage FUSE on GKE',
    names: ['gke-gcsfuse-sidecar', 'gke-gcsfuse-metadata-prefetch'],
    ended: 'its CSI driver, when no other container runs',
    source: 'https://github.com/GoogleCloudPlatform/gcs-fuse-csi-driver/blob/5fcdc04a/pkg/csi_driver/utils.go',
  },
  {
    title: 'Fluid',
    names: ['fluid-fuse-*'],
    ended: 'its app controller, when no other container runs',
    source: 'https://github.com/fluid-cloudnative/fluid/blob/a826600a/pkg/controllers/v1alpha1/fluidapp/implement.go',
  },
  {
    title: 'JuiceFS',
    names: ['jfs-mount', 'jfs-mount-*'],
    ended: 'its app controller, when no other container runs',
    source: 'https://github.com/juicedata/juicefs-csi-driver/blob/5e5a4b3b/pkg/controller/app_controller.go',
  },
  {
    title: "Airflow's sidecar for results",
    names: ['airflow-xcom-sidecar'],
    ended: 'Airflow, once it has read the result there',
    source:
      'https://github.com/apache/airflow/blob/167d5fd09/providers/cncf/kubernetes/src/airflow/providers/cncf/kubernetes/utils/xcom_sidecar.py',
  },
];

/** They ignore SIGTERM, or fail on it. */
const byNothing: readonly (Row & { advice: string })[] = [
  {
    title: "Bank-Vaults' consul-template",
    names: ['consul-template'],
    advice: 'annotate the pod with vault.security.banzaicloud.io/vault-ct-once: "true"',
    source: 'https://github.com/hashicorp/consul-template/blob/v0.42.1/cli.go',
    native: { stage: 'secrets' },
  },
  {
    title: 'New Relic infrastructure agent',
    names: ['newrelic-infrastructure-sidecar'],
    advice: 'set the policies of its operator so that Jobs do not get it',
    source: 'https://github.com/newrelic/nri-kubernetes/blob/22a20cdf/cmd/nri-kubernetes/main.go',
    native: { stage: 'telemetry' },
  },
  {
    title: 'NetBird',
    names: ['netbird'],
    image: 'netbird',
    isAlsoApp: true,
    advice: 'configure its operator to inject it as a native sidecar',
    source: 'https://github.com/netbirdio/netbird/blob/v0.77.1/client/netbird-entrypoint.sh',
  },
];

export const plainSidecars: readonly Known[] = [
  ...byTerm.map((row) => ({ ...row, end: () => term, ended: 'SIGTERM' })),
  ...byItself.map((row) => ({ ...row, end: () => itself })),
  ...byNothing.map(({ advice, ...row }) => ({ ...row, end: () => cannotEnd(advice), ended: `nothing: ${advice}` })),
];
