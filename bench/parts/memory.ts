/** Start, and memory: idle, under load, and after many reviews. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupProblem, makeCgroup } from '../../test/e2e/attack/memory-cgroup.ts';
import { limitMebibytes } from '../../test/e2e/attack/target.ts';
import { ordinaryReview } from '../compare.ts';
import { openLoad } from '../load.ts';
import type { Findings, Options } from '../result.ts';
import { createReviews } from '../reviews.ts';
import { bundle, median, readCpu, readResident, startClockout, startInCgroup } from '../servers.ts';

export async function measureMemory({ rounds, reviews }: Options): Promise<Findings> {
  const starts: { milliseconds: number; cpu: number; resident: number }[] = [];
  for (let round = 0; round < rounds; round++) starts.push(await startOnce());
  const problem = cgroupProblem();
  const { idle, samples } = await underLoad(reviews, problem === undefined);
  const tenth = Math.floor(samples.length / 10);
  const after = (from: number) => median(samples.slice(from, from + tenth).map(([, resident]) => resident));
  const [first, last] = [after(tenth), after(samples.length - tenth)];
  const limit = problem === undefined ? `limit of ${limitMebibytes} MiB` : 'no limit';
  return {
    ...(problem && { notes: [problem] }),
    pictures: [
      {
        kind: 'lines',
        name: 'memory',
        title: `Resident memory under load, ${limit}`,
        unit: 'MiB',
        x: 'reviews',
        series: [{ label: 'Clockout', points: [[0, idle], ...samples] }],
      },
    ],
    tables: [
      {
        head: ['What', 'Median', 'Least', 'Most'],
        rows: [
          row(
            'ready after, ms',
            starts.map(({ milliseconds }) => milliseconds),
          ),
          row(
            'CPU time until then, ms',
            starts.map(({ cpu }) => cpu),
          ),
          row(
            'resident, idle, MiB',
            starts.map(({ resident }) => resident),
          ),
          row(
            `resident under load, ${limit}, MiB`,
            samples.map(([, resident]) => resident),
          ),
        ],
      },
      {
        caption: `After ${reviews.toLocaleString('en-US')} reviews`,
        head: ['Second tenth of the reviews, MiB', 'Last tenth, MiB', 'Ratio'],
        rows: [[first.toFixed(0), last.toFixed(0), (last / first).toFixed(2)]],
      },
    ],
  };
}

// --- internal ---

const row = (name: string, values: number[]) => [
  name,
  ...[median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0)),
];

async function startOnce() {
  const start = performance.now();
  const server = await startClockout(bundle);
  const ready = await fetch(new URL('/readyz', server.more.metrics));
  const milliseconds = performance.now() - start;
  const cpu = readCpu(server);
  if (!ready.ok) throw new Error(`expected /readyz to answer 200, found ${ready.status}`);
  await sleep(2000);
  const resident = readResident(server);
  server.stop();
  return { milliseconds, cpu, resident };
}

/** @returns its memory when it idles, and after each hundredth of the reviews */
async function underLoad(reviews: number, limited: boolean) {
  const cgroup = limited ? makeCgroup('bench', limitMebibytes * 1024 * 1024) : undefined;
  const server = await startInCgroup(bundle, cgroup?.procs);
  try {
    await sleep(2000);
    const idle = readResident(server);
    const load = await openLoad(server.url, createReviews(ordinaryReview), 50);
    const samples: [number, number][] = [];
    const each = Math.ceil(reviews / 100);
    for (let sent = each; sent <= reviews; sent += each) {
      await load.send(each);
      samples.push([sent, readResident(server)]);
    }
    load.close();
    return { idle, samples };
  } finally {
    await server.ended();
    await cgroup?.remove();
  }
}
