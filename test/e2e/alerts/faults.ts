/** For each alert, the series that its fault makes, once a minute, in the notation of promtool; and the labels with which it then fires. */

/** A name with labels, and its values: `0+2x3` is 0 2 4 6, `1x3` is 1 1 1 1, and `_` is none. */
export type InputSeries = Record<string, string>;

export type Fault = {
  alert: string;
  fault: string;
  series: InputSeries;
  /** In minutes: when it has fired. One minute after the start it has not. */
  at: number;
  labels?: Record<string, string>;
};

const clockout = '{namespace="mesh-jobs",pod="clockout-1"';
const apiServer = '{job="apiserver",instance="10.0.0.1:6443"';
const deployment = '{namespace="mesh-jobs",deployment="clockout"}';

/** The pod of a Job, as kube-state-metrics shows it: each container is in one state at a time. */
export function jobPod(
  name: string,
  states: Record<string, { running?: string; terminated?: string; waiting?: string }>,
  owner: { kind: string; lives?: string } = { kind: 'Job' },
): InputSeries {
  const pod = `namespace="shop",pod="${name}",uid="uid-of-${name}"`;
  const kinds = ['running', 'terminated', 'waiting'] as const;
  const containers = Object.entries(states).flatMap(([container, values]) =>
    kinds.map((kind) => [
      `kube_pod_container_status_${kind}{${pod},container="${container}"}`,
      values[kind] ?? (owner.lives ?? '1x200').replaceAll(/\b1(?=x)/g, '0'),
    ]),
  );
  const owned = `kube_pod_owner{${pod},owner_kind="${owner.kind}",owner_name="${name}-owner",owner_is_controller="true"}`;
  return { [owned]: owner.lives ?? '1x200', ...Object.fromEntries(containers) };
}

const always = { running: '1x200' };
const ended = { terminated: '1x200' };

export const faults: readonly Fault[] = [
  {
    alert: 'ClockoutDown',
    fault: 'no replica is scraped any more',
    series: { [`clockout_build_info${clockout}}`]: '1x2 _x40' },
    at: 20,
  },
  {
    alert: 'ClockoutFailedOpen',
    fault: 'the API server could not reach the webhook, and admitted pods',
    // The first failure of all, and two more.
    series: {
      [`apiserver_admission_webhook_fail_open_count${apiServer},name="namespace.clockout.dev",type="admit"}`]:
        '_x20 3x40',
      [`up${apiServer}}`]: '1x60',
    },
    at: 22,
    labels: { name: 'namespace.clockout.dev' },
  },
  {
    alert: 'ClockoutRefusesPods',
    fault: 'the API server could not reach the webhook, and refused pods',
    series: {
      [`apiserver_admission_webhook_rejection_count${apiServer},name="job-native.clockout.dev",error_type="calling_webhook_error"}`]:
        '_x20 3x40',
      [`up${apiServer}}`]: '1x60',
    },
    at: 22,
    labels: { name: 'job-native.clockout.dev', error_type: 'calling_webhook_error' },
  },
  {
    alert: 'ClockoutRefusesPods',
    fault: 'it refused pods again, a while after the first ones',
    series: {
      [`apiserver_admission_webhook_rejection_count${apiServer},name="job-native.clockout.dev",error_type="calling_webhook_error"}`]:
        '0x5 3x40',
    },
    at: 7,
    labels: { name: 'job-native.clockout.dev', error_type: 'calling_webhook_error' },
  },
  {
    alert: 'ClockoutFails',
    fault: 'an answer has status 500',
    series: { [`clockout_admission_reviews_total${clockout},outcome="failed"}`]: '0x5 1x40' },
    at: 7,
  },
  {
    alert: 'ClockoutSlow',
    fault: 'each answer takes between half a second and a second',
    series: {
      [`clockout_admission_duration_seconds_bucket${clockout},le="0.5"}`]: '0x60',
      [`clockout_admission_duration_seconds_bucket${clockout},le="1"}`]: '0+60x60',
      [`clockout_admission_duration_seconds_bucket${clockout},le="+Inf"}`]: '0+60x60',
    },
    at: 15,
  },
  {
    alert: 'ClockoutCertificateExpires',
    fault: 'a certificate has less than a seventh of its lifetime left',
    // The clock begins at 0.
    series: { [`clockout_certificate_expiry_timestamp_seconds${clockout}}`]: '80000x40' },
    at: 15,
    labels: { namespace: 'mesh-jobs', pod: 'clockout-1' },
  },
  {
    alert: 'ClockoutCertificateFails',
    fault: 'a certificate cannot be renewed, again and again',
    series: { [`clockout_certificate_events_total${clockout},event="failed"}`]: '0+1x60' },
    at: 25,
    labels: { namespace: 'mesh-jobs', pod: 'clockout-1' },
  },
  {
    alert: 'ClockoutReplicasMissing',
    fault: 'one of two replicas is not available',
    series: {
      [`kube_deployment_status_replicas_available${deployment}`]: '1x40',
      [`kube_deployment_spec_replicas${deployment}`]: '2x40',
    },
    at: 15,
    labels: { namespace: 'mesh-jobs', deployment: 'clockout' },
  },
  {
    alert: 'ClockoutLookupsFail',
    fault: 'every other lookup takes too long',
    series: {
      [`clockout_registry_lookups_total${clockout},outcome="timeout"}`]: '0+1x60',
      [`clockout_registry_lookups_total${clockout},outcome="cached"}`]: '0+1x60',
    },
    at: 15,
    labels: { outcome: 'timeout' },
  },
  {
    alert: 'ClockoutCannotWrap',
    fault: 'a pod is skipped, and its owner could change that',
    series: { [`clockout_skipped_pods_total${clockout},reason="invalid-annotation"}`]: '0x5 1x40' },
    at: 7,
    labels: { reason: 'invalid-annotation' },
  },
  {
    alert: 'ClockoutProxyOutlivesApp',
    fault: 'a pod has a proxy that runs, and an app that has ended',
    series: jobPod('report', { app: ended, 'istio-proxy': always }),
    at: 17,
    labels: { namespace: 'shop', owner_name: 'report-owner' },
  },
  {
    alert: 'ClockoutProxyOutlivesApp',
    fault: 'another known sidecar runs, too, and both apps have ended',
    series: jobPod('report', { app: ended, second: ended, 'vault-agent': always, 'istio-proxy': always }),
    at: 17,
    labels: { namespace: 'shop', owner_name: 'report-owner' },
  },
  {
    alert: 'ClockoutHangingPods',
    fault: 'both replicas have counted two pods that hang',
    series: {
      [`clockout_hanging_pods${clockout},job_namespace="shop"}`]: '2x40',
      'clockout_hanging_pods{namespace="mesh-jobs",pod="clockout-2",job_namespace="shop"}': '2x40',
      [`clockout_hanging_pods${clockout},job_namespace="_other"}`]: '0x40',
    },
    at: 17,
    labels: { job_namespace: 'shop' },
  },
  {
    alert: 'ClockoutSweepFails',
    fault: 'a replica may not list pods',
    series: {
      [`clockout_sweeps_total${clockout},outcome="failed"}`]: '0 0 0+1x60',
      [`clockout_sweeps_total${clockout},outcome="completed"}`]: '0x62',
    },
    at: 25,
    labels: { namespace: 'mesh-jobs', pod: 'clockout-1' },
  },
];
