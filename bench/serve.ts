/**
 * Two builds' servers, asked in turn in one run: CPU time of an ordinary review over HTTPS, and memory.
 * `node bench/serve.ts OTHER/clockout.mjs [dist/clockout.mjs]`
 */
import { askInTurn, compareThroughput, medianOf, warmUp } from './compare.ts';
import { readMemory, startClockout } from './servers.ts';

const [other, own = 'dist/clockout.mjs'] = process.argv.slice(2);
if (!other) throw new Error('expected the path of another build: node bench/serve.ts OTHER/clockout.mjs');

const servers = await Promise.all([other, own].map(startClockout));
const idle = servers.map(readMemory);
for (const server of servers) await warmUp(server);
const costs = await askInTurn(servers, { connections: 8, rounds: 200, reviews: 100 });
for (const [i, server] of servers.entries())
  console.log(
    `${server.name}: ${medianOf(costs[i] ?? [], 'cpu').toFixed(3)} ms of CPU a review, ${idle[i]} MiB idle, ${readMemory(server)} MiB afterwards`,
  );
const [ofOther = [], ofOwn = []] = costs;
console.log(`throughput: ${compareThroughput(ofOwn, ofOther).toFixed(3)} of the other build's`);
for (const server of servers) server.stop();
