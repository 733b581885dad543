/** Asks servers in turn. CPU time tells them apart: other processes of a busy machine make wall time longer. */
import { type Load, openLoad } from './load.ts';
import { createReviews, readReview } from './reviews.ts';
import { median, readCpu, type Server } from './servers.ts';

/** In milliseconds: CPU time of the server for each review, and the time until half and until 99 % of the answers have come. */
export type Cost = { cpu: number; p50: number; p99: number };

/** A review of an ordinary pod that gets wrapped, as the API server sends it. */
export const ordinaryReview = readReview('classic-two-containers');

/** V8 compiles for the first 30,000 reviews, so these should not count. */
export async function warmUp(
  server: Pick<Server, 'url'>,
  nextBody = createReviews(ordinaryReview),
  count = 30_000,
): Promise<void> {
  const load = await openLoad(server.url, nextBody, 8);
  await load.send(count);
  load.close();
}

type Asked = { connections: number; rounds: number; reviews: number; body?: string };

/** @returns for each server its costs in each round */
export async function askInTurn(
  servers: readonly Server[],
  { connections, rounds, reviews, body = ordinaryReview }: Asked,
): Promise<Cost[][]> {
  const asked = await Promise.all(
    servers.map(async (server) => ({
      server,
      load: await openLoad(server.url, createReviews(body), connections),
      costs: [] as Cost[],
    })),
  );
  for (let round = 0; round < rounds; round++) {
    // The order alternates: the second of two in turn is faster.
    for (const { server, load, costs } of round % 2 === 0 ? asked : asked.toReversed())
      costs.push(await measure(server, load, reviews));
  }
  for (const { load } of asked) load.close();
  return asked.map(({ costs }) => costs);
}

/** Compares neighbouring rounds, because a shared processor changes its speed. @returns 1 if both are as fast; less if `own` is slower */
export const compareThroughput = (own: readonly Cost[], other: readonly Cost[]): number =>
  median(own.map(({ cpu }, round) => (other[round]?.cpu ?? Number.NaN) / cpu));

export const medianOf = (costs: readonly Cost[], which: keyof Cost): number => median(costs.map((cost) => cost[which]));

// --- internal ---

async function measure(server: Server, load: Load, reviews: number): Promise<Cost> {
  const before = readCpu(server);
  const took = (await load.send(reviews)).sort((a, b) => a - b);
  const at = (part: number) => took[Math.floor(part * took.length)] ?? Number.NaN;
  return { cpu: (readCpu(server) - before) / reviews, p50: at(0.5), p99: at(0.99) };
}
