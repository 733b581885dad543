/** CPU time of a review by the size of its pod. */
import { askInTurn, compareThroughput, medianOf, ordinaryReview, warmUp } from '../compare.ts';
import { openLoad } from '../load.ts';
import type { Findings, Options } from '../result.ts';
import { createReviews, lengthen } from '../reviews.ts';
import { bundle, startBareFastify, startClockout } from '../servers.ts';

const KiB = 1024;

/** A pod with so many more containers. */
function withContainers(count: number): string {
  const review = JSON.parse(ordinaryReview);
  const app = (i: number) => ({ name: `app-${i}`, image: 'example.com/app:1', command: ['/app', `${i}`] });
  review.request.object.spec.containers.push(...Array.from({ length: count }, (_, i) => app(i)));
  return JSON.stringify(review);
}

const cases = [
  { name: 'as recorded', body: ordinaryReview },
  ...[16, 64, 256].map((size) => ({ name: `${size} KiB`, body: lengthen(ordinaryReview, size * KiB) })),
  // As ConfigMaps that somebody has put into variables.
  ...[1, 3].map((size) => ({ name: `${size} MiB`, body: lengthen(ordinaryReview, size * KiB * KiB, 3000) })),
  { name: '100 containers', body: withContainers(100) },
  { name: '190 containers', body: withContainers(190) },
];

export async function measureSizes({ rounds }: Options): Promise<Findings> {
  const clockout = await startClockout(bundle);
  const lengths: number[] = [];
  for (const { body } of cases) {
    const load = await openLoad(clockout.url, createReviews(body), 1);
    lengths.push(await load.measureAnswer());
    load.close();
  }
  const bare = await startBareFastify([...new Set(lengths)]);
  try {
    // Most of what V8 compiles comes early; the rounds compare both servers in the same state.
    await warmUp(clockout, undefined, 5000);
    await warmUp({ url: new URL(`/${lengths[0]}`, bare.url) }, undefined, 2000);
    const found: { name: string; kilobytes: number; cpu: number; ratio: number }[] = [];
    for (const [i, { name, body }] of cases.entries()) {
      const reviews = Math.max(4, Math.min(200, Math.round(4_000_000 / body.length)));
      const servers = [clockout, { ...bare, url: new URL(`/${lengths[i]}`, bare.url) }];
      for (const server of servers) await warmUp(server, createReviews(body), reviews * 2);
      const [own = [], other = []] = await askInTurn(servers, { connections: 1, rounds, reviews, body });
      console.error(`  ${name}: ${medianOf(own, 'cpu').toFixed(2)} ms of CPU a review`);
      found.push({
        name,
        kilobytes: body.length / KiB,
        cpu: medianOf(own, 'cpu'),
        ratio: compareThroughput(own, other),
      });
    }
    const bySize = found.filter(({ name }) => !name.includes('containers'));
    const perKilobyte = ({ cpu, kilobytes }: (typeof found)[number]) => (1000 * cpu) / kilobytes;
    return {
      pictures: [
        {
          kind: 'bars',
          name: 'size',
          title: 'CPU time for each KiB of a review',
          unit: 'µs, less is better',
          series: ['Clockout'],
          groups: bySize.map((each) => ({ label: each.name, values: [perKilobyte(each)] })),
        },
      ],
      tables: [
        {
          head: ['Pod', 'KiB', 'CPU a review, ms', 'CPU a KiB, µs', 'Throughput, Clockout / bare Fastify'],
          rows: found.map((each) => [
            each.name,
            each.kilobytes.toFixed(1),
            each.cpu.toFixed(3),
            perKilobyte(each).toFixed(1),
            each.ratio.toFixed(2),
          ]),
        },
      ],
    };
  } finally {
    for (const server of [clockout, bare]) server.stop();
  }
}
