/**
 * An ordinary review over HTTPS, against a bare Fastify server that parses the same body and answers as many bytes: `npm run bench`.
 * Each number of connections is asked in turn with the same number to the other server.
 */
import { join } from 'node:path';
import { askInTurn, compareThroughput, medianOf, warmUp } from './compare.ts';
import { openLoad } from './load.ts';
import { createReviews, startBareFastify, startClockout } from './servers.ts';

const [build = join(import.meta.dirname, '../dist/clockout.mjs')] = process.argv.slice(2);

const clockout = await startClockout(build);
const load = await openLoad(clockout.url, createReviews(), 1);
const bytes = await load.measureAnswer();
load.close();
const bare = await startBareFastify(bytes);
for (const server of [clockout, bare]) await warmUp(server);

console.log(`reviews of ${createReviews()().length} bytes, answers of ${bytes} bytes; Clockout / bare Fastify, ms`);
console.log('connections  throughput  CPU a review     p50              p99');
for (const connections of [1, 10, 50, 200]) {
  const [own = [], other = []] = await askInTurn([clockout, bare], { connections, rounds: 20, reviews: 400 });
  const both = (which: 'cpu' | 'p50' | 'p99') =>
    [own, other]
      .map((costs) => medianOf(costs, which).toFixed(3))
      .join(' / ')
      .padEnd(16);
  console.log(
    [
      `${connections}`.padEnd(12),
      compareThroughput(own, other).toFixed(2).padEnd(11),
      ...(['cpu', 'p50', 'p99'] as const).map(both),
    ]
      .join(' ')
      .trimEnd(),
  );
}
for (const server of [clockout, bare]) server.stop();
