/** Reviews a second and latency, against bare Fastify, and against Pepr. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNodeServer } from '../../test/kubernetes/node-server.ts';
import { openCache } from '../cache.ts';
import { askInTurn, type Cost, compareThroughput, medianOf, ordinaryReview, warmUp } from '../compare.ts';
import { openLoad } from '../load.ts';
import { peprVersion, startPepr } from '../pepr.ts';
import type { Findings, Options } from '../result.ts';
import { askForNative, createReviews, lengthen, readReview } from '../reviews.ts';
import { bundle, type Server, startBareFastify, startInCgroup } from '../servers.ts';

const [small, large] = [8.5 * 1024, 16 * 1024];
const native = readReview('classic-two-containers', askForNative);
const skipped = readReview('not-injected');

const kinds = [
  { kind: 'wrapped', text: ordinaryReview },
  { kind: 'native', text: native },
  { kind: 'skipped', text: skipped },
];
const cases = [small, large].flatMap((bytes) =>
  kinds.map(({ kind, text }) => ({
    name: `${kind}, ${Math.floor(bytes / 1024)} KB`,
    body: lengthen(text, bytes),
    // It does the same to each pod, so it is only compared where Clockout changes something, too.
    withPepr: kind === 'wrapped',
  })),
);

export async function measureReviews(options: Options): Promise<Findings> {
  const cluster = await startNodeServer([]);
  const kubeconfig = join(openCache('cluster'), 'kubeconfig');
  writeFileSync(kubeconfig, cluster.config.exportConfig());
  // It makes sidecars native ones only if it knows that the cluster is new enough.
  const clockout = await startInCgroup(bundle, undefined, [], { KUBECONFIG: kubeconfig });
  const pepr = await startPepr();
  const stops = [clockout.stop, ...(typeof pepr === 'string' ? [] : [pepr.stop])];
  try {
    const lengths: number[] = [];
    for (const { body } of cases) lengths.push(await measureAnswer(clockout, body));
    const bare = await startBareFastify([...new Set(lengths)]);
    stops.push(bare.stop);
    const found = await askAll(clockout, (i) => ({ ...bare, url: new URL(`/${lengths[i]}`, bare.url) }), pepr, options);
    return report(found, typeof pepr === 'string' ? pepr : undefined);
  } finally {
    for (const stop of stops) stop();
    await cluster.close();
  }
}

// --- internal ---

type Row = { name: string; connections: number; own: Cost[]; other: Cost[]; third: Cost[] | undefined };

async function askAll(
  clockout: Server,
  bareAt: (i: number) => Server,
  pepr: Server | string,
  { rounds, connections: counts }: Options,
): Promise<Row[]> {
  if (typeof pepr !== 'string') await warmUp(pepr, createReviews(ordinaryReview), 500);
  const found: Row[] = [];
  for (const [i, { name, body, withPepr }] of cases.entries()) {
    const both = [clockout, bareAt(i)];
    for (const server of both) await warmUp(server, createReviews(body), i === 0 ? 6000 : 500);
    const asked = withPepr && typeof pepr !== 'string' ? [...both, pepr] : both;
    for (const connections of counts) {
      const [own = [], other = [], third] = await askInTurn(asked, { connections, rounds, reviews: 200, body });
      found.push({ name, connections, own, other, third });
      console.error(
        `  ${name}, ${connections} connections: ${compareThroughput(own, other).toFixed(2)} of bare Fastify`,
      );
    }
  }
  return found;
}

async function measureAnswer(server: Server, body: string): Promise<number> {
  const load = await openLoad(server.url, createReviews(body), 1);
  const bytes = await load.measureAnswer();
  load.close();
  return bytes;
}

const perSecond = (costs: readonly Cost[]) => 1000 / medianOf(costs, 'cpu');

function report(found: readonly Row[], withoutPepr: string | undefined): Findings {
  const times = (which: 'p50' | 'p99', ...all: (Cost[] | undefined)[]) =>
    all
      .map((costs) => (costs ? medianOf(costs, which).toFixed(1) : ''))
      .filter(Boolean)
      .join(' / ');
  const rows = found.map(({ name, connections, own, other, third }) => [
    name,
    `${connections}`,
    perSecond(own).toFixed(0),
    perSecond(other).toFixed(0),
    third ? perSecond(third).toFixed(0) : '',
    compareThroughput(own, other).toFixed(2),
    third ? compareThroughput(own, third).toFixed(1) : '',
    times('p50', own, other, third),
    times('p99', own, other, third),
  ]);
  const counts = found.map(({ connections }) => connections);
  const shown = counts.includes(50) ? 50 : counts[0];
  return {
    ...(withoutPepr && { notes: [withoutPepr] }),
    pictures: [
      {
        kind: 'bars',
        name: 'review',
        title: `Reviews a second of one core, on ${shown} connections`,
        unit: 'more is better',
        series: ['Clockout', 'bare Fastify', ...(withoutPepr ? [] : [`Pepr ${peprVersion}`])],
        groups: found
          .filter(({ connections }) => connections === shown)
          .map(({ name, own, other, third }) => ({
            label: name,
            values: [own, other, ...(third ? [third] : [])].map(perSecond),
          })),
      },
    ],
    tables: [
      {
        head: [
          ...['Pod', 'Connections', 'Clockout', 'Bare Fastify', 'Pepr', 'Clockout / bare', 'Clockout / Pepr'],
          ...['p50, ms: Clockout / bare / Pepr', 'p99, ms'],
        ],
        rows,
      },
    ],
  };
}
