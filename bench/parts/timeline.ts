/** Where the time of a wrapped Job goes, by what the runtime says. */
import { isWrapped, makeNamespace, meshed, removeNamespaces } from '../../test/e2e/cluster/suite/kube.ts';
import { findNoCluster } from '../cluster.ts';
import { type JobRun, startRecorder } from '../job-run.ts';
import type { Findings, NotRun, Options } from '../result.ts';
import { median } from '../servers.ts';

type Moments = Record<(typeof order)[number], number>;

const order = [
  'created',
  'podMade',
  'scheduled',
  'initStarted',
  'initExited',
  'wrapperStarted',
  'appStarted',
  'appEnded',
  'wrapperExited',
  'proxyExited',
  'podEnded',
  'complete',
] as const;

/** Each from the moment before to this one. */
const stages: { to: (typeof order)[number]; label: string; ours?: true }[] = [
  { to: 'podMade', label: 'Job controller makes the pod' },
  { to: 'scheduled', label: 'scheduler' },
  { to: 'initStarted', label: "kubelet: the pod's sandbox" },
  { to: 'initExited', label: 'clockout-init', ours: true },
  { to: 'wrapperStarted', label: 'kubelet: sees its end, starts the app', ours: true },
  { to: 'appStarted', label: 'wrapper waits for the proxy' },
  { to: 'appEnded', label: 'app' },
  { to: 'wrapperExited', label: 'wrapper asks the proxy to exit', ours: true },
  { to: 'proxyExited', label: 'proxy exits' },
  { to: 'podEnded', label: 'kubelet: sees the ends' },
  { to: 'complete', label: 'Job controller' },
];

export async function measureTimeline({ jobs }: Options): Promise<Findings | NotRun> {
  const problem = await findNoCluster();
  if (problem) return problem;
  const namespace = await makeNamespace(meshed);
  const recorder = await startRecorder([namespace]);
  const found: Moments[] = [];
  try {
    for (let round = 0; round < jobs; round++) {
      const run = await recorder.run(namespace, `round-${round}`, { 'clockout.dev/strategy': 'wrap' });
      const moments = isWrapped(run.pod) ? momentsOf(run) : undefined;
      if (moments && Object.values(moments).every(Number.isFinite)) found.push(moments);
    }
  } finally {
    recorder.stop();
    await removeNamespaces();
  }
  if (found.length === 0)
    return { notRun: "containerd's events could not be read, which takes the built cluster and root." };
  return report(found);
}

// --- internal ---

const momentsOf = ({ containers, ...run }: JobRun): Moments => ({
  created: 0,
  podMade: run.podMade,
  scheduled: run.scheduled,
  initStarted: containers['clockout-init']?.started ?? Number.NaN,
  initExited: containers['clockout-init']?.exited ?? Number.NaN,
  wrapperStarted: containers.app?.started ?? Number.NaN,
  appStarted: run.appStarted,
  appEnded: run.appEnded,
  wrapperExited: containers.app?.exited ?? Number.NaN,
  proxyExited: containers['istio-proxy']?.exited ?? Number.NaN,
  podEnded: run.podEnded,
  complete: run.complete,
});

function report(found: readonly Moments[]): Findings {
  const at = (moment: (typeof order)[number]) => median(found.map((each) => each[moment]));
  const rows = stages.map(({ to, label, ours = false }, i) => {
    const from = order[i] ?? 'created';
    // The proxy can be gone before the wrapper is.
    const takes = median(found.map((each) => each[to] - each[from]));
    return { label, ours, from: at(from), to: Math.max(at(from), at(to)), takes };
  });
  const sum = (ours: boolean) => rows.filter((row) => row.ours === ours).reduce((total, { takes }) => total + takes, 0);
  return {
    notes: [
      `Of ${at('complete').toFixed(2)} s, ${sum(true).toFixed(2)} s are for Clockout (its init container and the wrapper's end), and ` +
        `${(at('appEnded') - at('appStarted')).toFixed(2)} s of the app. What is left is of Istio and Kubernetes.`,
    ],
    pictures: [
      {
        kind: 'spans',
        name: 'timeline',
        title: `Where the time of a wrapped Job goes (medians of ${found.length})`,
        rows: rows.map(({ label, from, to, ours }) => ({ label, spans: [{ from, to, ours }] })),
      },
    ],
    tables: [
      {
        head: ['What', 'From, s', 'To, s', 'Takes, s', 'Of Clockout'],
        rows: rows.map(({ label, from, to, takes, ours }) => [
          label,
          from.toFixed(2),
          to.toFixed(2),
          takes.toFixed(3),
          ours ? 'yes' : '',
        ]),
      },
    ],
  };
}
