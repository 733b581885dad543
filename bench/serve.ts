/**
 * Two servers, asked in turn in one run: CPU time of an ordinary review over HTTPS, and memory. They are two builds, or one build with
 * two environments, which show what a setting costs:
 * `node bench/serve.ts OTHER/clockout.mjs [dist/clockout.mjs] [--env-a KEY=VALUE]… [--env-b KEY=VALUE]…`
 */
import { parseArgs } from 'node:util';
import { askInTurn, compareThroughput, medianOf, warmUp } from './compare.ts';
import { readMemory, startClockout } from './servers.ts';

const several = { type: 'string', multiple: true } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'env-a': several, 'env-b': several, rounds: { type: 'string', default: '200' } },
});
const [other, own = 'dist/clockout.mjs'] = positionals;
if (!other) throw new Error('expected the path of another build: node bench/serve.ts OTHER/clockout.mjs');

const readEnv = (pairs: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^(\w+)=(.*)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined) throw new Error(`expected KEY=VALUE, found ${pair}`);
      return [key, value];
    }),
  );

const servers = [
  await startClockout(other, readEnv(values['env-a'])),
  await startClockout(own, readEnv(values['env-b'])),
];
const idle = servers.map(readMemory);
for (const server of servers) await warmUp(server, undefined, 60_000);
const costs = await askInTurn(servers, { connections: 8, rounds: Number(values.rounds), reviews: 100 });
for (const [i, server] of servers.entries())
  console.log(
    `${server.name}: ${medianOf(costs[i] ?? [], 'cpu').toFixed(3)} ms of CPU a review, ${idle[i]} MiB idle, ${readMemory(server)} MiB afterwards`,
  );
const [ofOther = [], ofOwn = []] = costs;
console.log(`throughput: ${compareThroughput(ofOwn, ofOther).toFixed(3)} of the first server's`);
for (const server of servers) server.stop();
