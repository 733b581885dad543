/** A Job's time from creation to Complete, and from its app's exit to Complete. */
import { isWrapped, makeNamespace, meshed, nativeIn, removeNamespaces } from '../../test/e2e/cluster/suite/kube.ts';
import { findNoCluster } from '../cluster.ts';
import { inOneSecond, type JobRun, startRecorder } from '../job-run.ts';
import type { Findings, NotRun, Options } from '../result.ts';
import { median } from '../servers.ts';

type Kind = {
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** Whether a pod was changed as planned. Somebody else could install Clockout again meanwhile. */
  fits: (run: JobRun) => boolean;
};

const hasNative = ({ pod }: JobRun) => nativeIn(pod).includes('istio-proxy');

const kinds: readonly Kind[] = [
  { name: 'no sidecar', labels: {}, annotations: {}, fits: ({ pod }) => pod.spec.containers.length === 1 },
  {
    name: "Istio's native sidecar",
    labels: { 'istio-injection': 'enabled' },
    annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
    fits: (run) => hasNative(run) && !isWrapped(run.pod),
  },
  {
    name: 'Clockout, `wrap`',
    labels: meshed,
    annotations: { 'clockout.dev/strategy': 'wrap' },
    fits: (run) => isWrapped(run.pod) && !hasNative(run),
  },
  {
    name: 'Clockout, `native`',
    labels: meshed,
    annotations: { 'clockout.dev/strategy': 'native' },
    fits: (run) => isWrapped(run.pod) && hasNative(run),
  },
];

export async function measureJobs({ jobs }: Options): Promise<Findings | NotRun> {
  const problem = await findNoCluster();
  if (problem) return problem;
  const namespaces: string[] = [];
  for (const { labels } of kinds) namespaces.push(await makeNamespace(labels));
  const recorder = await startRecorder(namespaces);
  const found = kinds.map(() => [] as JobRun[]);
  let others = 0;
  try {
    for (let round = 0; round < jobs; round++) {
      const runs = await inOneSecond(
        kinds.map(
          ({ annotations }, i) =>
            () =>
              recorder.run(`${namespaces[i]}`, `round-${round}`, annotations),
        ),
      );
      console.error(`  round ${round}: ${runs.map(({ complete }) => complete.toFixed(1)).join(', ')} s`);
      for (const [i, run] of runs.entries()) {
        if (kinds[i]?.fits(run)) found[i]?.push(run);
        else others++;
      }
    }
  } finally {
    recorder.stop();
    await removeNamespaces();
  }
  return report(found, others);
}

// --- internal ---

function report(found: readonly JobRun[][], others: number): Findings {
  const whole = found.map((runs) => median(runs.map(({ complete }) => complete)));
  const end = found.map((runs) => median(runs.map(({ complete, appEnded }) => complete - appEnded)));
  const start = found.map((runs) => median(runs.map(({ appStarted }) => appStarted)));
  const [none = Number.NaN, native = Number.NaN] = whole;
  const at = (values: readonly number[], i: number) => values[i] ?? Number.NaN;
  return {
    ...(others > 0 && { notes: [`${others} Jobs did not count, because their pods were not changed as planned.`] }),
    pictures: [
      {
        kind: 'bars',
        name: 'jobs',
        title: 'A Job whose app runs for 2 s',
        unit: 's, medians, less is better',
        series: ['creation to Complete', "app's exit to Complete"],
        groups: kinds.map(({ name }, i) => ({ label: name.replaceAll('`', ''), values: [at(whole, i), at(end, i)] })),
      },
    ],
    tables: [
      {
        head: [
          ...['Pod', 'Jobs', "Creation to the app's start, s", 'Creation to Complete, s', "App's exit to Complete, s"],
          ...["Complete, to Istio's native", 'Exit to Complete, more than without a sidecar, s'],
        ],
        rows: kinds.map(({ name }, i) => [
          name,
          `${found[i]?.length}`,
          at(start, i).toFixed(2),
          at(whole, i).toFixed(2),
          at(end, i).toFixed(2),
          (at(whole, i) / native).toFixed(2),
          none > 0 ? (at(end, i) - at(end, 0)).toFixed(2) : '',
        ]),
      },
    ],
  };
}
