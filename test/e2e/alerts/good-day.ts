/** A good day: 2,000 Jobs end as they should, and what goes wrong in passing is over before anybody has to look. */
import { type InputSeries, jobPod } from './faults.ts';

export const jobs = 2000;
export const minutes = 240;

/** Its app runs for some minutes, the proxy drains for one more, and the pod is deleted 20 minutes later. */
function endingPod(index: number): InputSeries {
  const [start, runs] = [index % (minutes - 50), 1 + (index % 13)];
  const values = (...parts: [value: number, length: number][]) =>
    [`_x${start}`, ...parts.map(([value, length]) => `${value}x${length}`), 'stale'].join(' ');
  return jobPod(
    `job-${index}`,
    {
      app: {
        running: values([1, runs], [0, 20]),
        terminated: values([0, runs], [1, 20]),
        waiting: values([0, runs + 21]),
      },
      'istio-proxy': {
        running: values([1, runs + 1], [0, 19]),
        terminated: values([0, runs + 1], [1, 19]),
        waiting: values([0, runs + 21]),
      },
    },
    { kind: 'Job', lives: values([1, runs + 21]) },
  );
}

const replica = (pod: string): InputSeries => {
  const labels = `namespace="mesh-jobs",pod="${pod}"`;
  const reviews = (outcome: string) => `clockout_admission_reviews_total{${labels},outcome="${outcome}"}`;
  const skipped = (reason: string) => `clockout_skipped_pods_total{${labels},reason="${reason}"}`;
  const lookups = (outcome: string) => `clockout_registry_lookups_total{${labels},outcome="${outcome}"}`;
  const duration = (le: string) => `clockout_admission_duration_seconds_bucket{${labels},le="${le}"}`;
  const events = (event: string) => `clockout_certificate_events_total{${labels},event="${event}"}`;
  const sweeps = (outcome: string) => `clockout_sweeps_total{${labels},outcome="${outcome}"}`;
  const hanging = (namespace: string) => `clockout_hanging_pods{${labels},job_namespace="${namespace}"}`;
  return {
    [`clockout_build_info{${labels}}`]: '1x240',
    [reviews('patched')]: '0+5x240',
    [reviews('skipped')]: '0+2x240',
    [reviews('invalid')]: '0x240',
    [reviews('failed')]: '0x240',
    [skipped('native-sidecar')]: '0+1x240',
    [skipped('no-sidecar')]: '0+1x240',
    [skipped('invalid-annotation')]: '0x240',
    [lookups('cached')]: '0+5x240',
    // A registry is away for a moment.
    [lookups('timeout')]: '0x100 2x140',
    [duration('0.5')]: '0+6.99x240',
    [duration('1')]: '0+7x240',
    [duration('+Inf')]: '0+7x240',
    [`clockout_certificate_expiry_timestamp_seconds{${labels}}`]: '600000x240',
    [events('renewed')]: '1x240',
    // One attempt fails, and the next one does not.
    [events('failed')]: '0x100 1x140',
    [sweeps('completed')]: '0+1x240',
    [sweeps('failed')]: '0x100 1x140',
    [hanging('_other')]: '0x240',
    // A pod that drains for long is counted twice.
    [hanging('shop')]: '_x50 1x12 stale',
  };
};

const deployment = '{namespace="mesh-jobs",deployment="clockout"}';
const api = (metric: string, labels: string) =>
  `apiserver_admission_webhook_${metric}{job="apiserver",instance="10.0.0.1:6443",name="job.clockout.dev",${labels}}`;

export const goodDay: InputSeries = {
  ...replica('clockout-1'),
  ...replica('clockout-2'),
  [api('fail_open_count', 'type="admit"')]: '0x240',
  [api('rejection_count', 'type="admit",error_type="calling_webhook_error"')]: '0x240',
  'up{job="apiserver",instance="10.0.0.1:6443"}': '1x240',
  // Prometheus begins to scrape an API server for which Clockout was away long ago.
  'apiserver_admission_webhook_fail_open_count{job="apiserver",instance="10.0.0.2:6443",name="job.clockout.dev"}':
    '_x60 5x180',
  'up{job="apiserver",instance="10.0.0.2:6443"}': '_x60 1x180',
  // Clockout itself has refused pods, as onUnwrappable says.
  [api('rejection_count', 'type="admit",error_type="no_error"')]: '0+1x240',
  // A rollout.
  [`kube_deployment_status_replicas_available${deployment}`]: '2x100 1x5 2x135',
  [`kube_deployment_spec_replicas${deployment}`]: '2x240',
  ...Object.assign({}, ...Array.from({ length: jobs }, (_, index) => endingPod(index))),
  ...jobPod('runs', { app: { running: '1x240' }, 'istio-proxy': { running: '1x240' } }),
  ...jobPod('tries-again', {
    done: { terminated: '1x240' },
    app: { waiting: '1x240' },
    'istio-proxy': { running: '1x240' },
  }),
  ...jobPod('second-app', {
    app: { terminated: '1x240' },
    second: { running: '1x240' },
    'istio-proxy': { running: '1x240' },
  }),
  ...jobPod('web', { setup: { terminated: '1x240' }, 'istio-proxy': { running: '1x240' } }, { kind: 'ReplicaSet' }),
  ...jobPod('no-mesh', { app: { terminated: '1x240' }, 'vault-agent': { running: '1x240' } }),
};
