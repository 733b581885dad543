/** Reports for the tests of what an audit prints: of all fates, and of a cluster whose names attack. */
import type { Report } from '../../src/audit/report.ts';
import type { Row } from '../../src/audit/rows.ts';
import { ago, now } from './objects.ts';

const mebi = 1024 ** 2;

const rows: Row[] = [
  ...[9.05, 6, 2.4, 0.9, 0.3].map(
    (days, at): Row => ({
      kind: 'Job',
      namespace: at < 3 ? 'shop' : 'billing',
      name: `hung-${at + 1}`,
      fate: 'hangs',
      now: 'hangs',
      because: 'not-opted-in',
      sidecars: at === 3 ? ['istio-proxy', 'vault-agent'] : ['istio-proxy'],
      pods: 1,
      hangs: {
        pods: 1,
        since: Date.parse(ago(days * 86_400)),
        code: at === 1 ? 7 : 0,
        sidecars: ['istio-proxy'],
        cpu: at === 3 ? 0.35 : 0.1,
        memory: (at === 3 ? 384 : 128) * mebi,
      },
    }),
  ),
  row('Job', 'shop', 'refused', {
    fate: 'refused',
    now: 'idle',
    message: 'pods "refused-" is forbidden: exceeded quota',
  }),
  row('Job', 'shop', 'stripped', { fate: 'stripped', now: 'pending', sidecars: ['istio-proxy'], pods: 1 }),
  ...Array.from({ length: 4 }, (_, at) =>
    row('CronJob', 'billing', `nightly-reconciliation-of-accounts-${at}`, {
      fate: 'would-hang',
      now: 'idle',
      because: 'not-opted-in',
      sidecars: ['istio-proxy'],
    }),
  ),
  row('Job', 'shop', 'backoff', {
    fate: 'would-hang',
    now: 'backoff',
    because: 'missed',
    sidecars: ['istio-proxy'],
    pods: 1,
  }),
  row('CronJob', 'shop', 'scan', {
    fate: 'would-hang',
    now: 'suspended',
    because: 'unknown-sidecar',
    sidecars: ['scan-agent'],
  }),
  row('Job', 'shop', 'init', {
    fate: 'unwrappable',
    now: 'active',
    because: 'needs-pid-1',
    sidecars: ['istio-proxy'],
    pods: 1,
  }),
  row('Job', 'shop', 'quits', {
    fate: 'opted-out',
    now: 'runs',
    because: 'opted-out',
    sidecars: ['istio-proxy'],
    pods: 1,
  }),
  ...Array.from({ length: 12 }, (_, at) => row('CronJob', 'reports', `daily-${at}`, { fate: 'wrapped', now: 'idle' })),
  ...Array.from({ length: 8 }, (_, at) => row('CronJob', 'search', `index-${at}`, { fate: 'native', now: 'idle' })),
  row('Job', 'lab', 'sweep', { fate: 'ambient', now: 'runs', pods: 4 }),
  ...Array.from({ length: 5 }, (_, at) => row('CronJob', 'ops', `backup-${at}`, { fate: 'outside', now: 'idle' })),
  ...Array.from({ length: 9 }, (_, at) => row('Job', 'reports', `once-${at}`, { fate: 'finished', now: 'finished' })),
];

export const mixedReport: Report = {
  at: new Date(now).toISOString(),
  namespace: null,
  partial: true,
  problems: [],
  notKnown: [],
  forbidden: [{ namespace: 'payroll', resources: ['jobs', 'pods'] }],
  verdict: {
    kind: 'needed',
    sentence: 'needed for 27 of 42 Jobs and CronJobs',
    reasons: ['5 hang now', '6 would hang', '2 cannot start', '12 wrapped by Clockout', '8 native without Clockout'],
  },
  installations: [{ namespace: 'clockout', name: 'clockout', mode: 'opt-in', strategy: 'wrap' }],
  installationKnown: true,
  selector: null,
  counts: {
    hangs: 5,
    refused: 1,
    stripped: 1,
    'would-hang': 6,
    unwrappable: 1,
    'opted-out': 1,
    wrapped: 12,
    native: 8,
    ambient: 1,
    outside: 5,
    finished: 9,
  },
  held: { pods: 5, cpu: 0.75, memory: 896 * mebi },
  rows,
  native: {
    kubelets: [
      { version: 'v1.32.4', nodes: 2, isOld: true },
      { version: 'v1.35.4', nodes: 11, isOld: false },
    ],
    controlPlanes: [
      {
        namespace: 'istio-system',
        name: 'istiod',
        revision: '1-26',
        version: '1.26.4',
        minor: 26,
        native: undefined,
        makesNative: false,
        tags: ['prod'],
      },
    ],
    declining: 2,
    stripped: 1,
    suspects: ['datadog-webhook'],
  },
  addedSidecars: [
    { name: 'scan-agent', image: 'security/scan-agent', ended: 'nobody', pods: 3, namespaces: 1 },
    { name: 'vault-agent', image: 'hashicorp/vault', ended: 'clockout', pods: 12, namespaces: 4 },
  ],
  preview: {
    mode: 'cluster',
    strategy: 'wrap',
    changes: [{ from: 'would-hang', to: 'wrapped', count: 5 }],
    namespaces: [
      { namespace: 'billing', count: 4 },
      { namespace: 'shop', count: 1 },
    ],
    lookups: [{ registry: 'registry.example.com', images: 3 }],
  },
};

const attack = `</script></style><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>' "\u202e\u0000&`;

const texts = new Set([
  'namespace',
  'name',
  'message',
  'version',
  'revision',
  'setting',
  'image',
  'registry',
  'sentence',
]);
const lists = new Set(['sidecars', 'tags', 'suspects', 'reasons', 'resources', 'problems', 'notKnown']);

/** Every text that a cluster can choose is an attack. */
export const hostileReport: Report = JSON.parse(
  JSON.stringify(mixedReport, (key, value) => {
    if (lists.has(key)) return [attack];
    return texts.has(key) && typeof value === 'string' ? attack : value;
  }),
);

function row(
  kind: Row['kind'],
  namespace: string,
  name: string,
  fields: Pick<Row, 'fate' | 'now'> & Partial<Row>,
): Row {
  return { kind, namespace, name, sidecars: [], pods: 0, ...fields };
}
