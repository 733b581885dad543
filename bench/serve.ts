/**
 * Two servers, asked in turn in one run: CPU time of an ordinary review over HTTPS, and memory. They are two builds, or one build with
 * two environments, which show what a setting costs:
 * `node bench/serve.ts OTHER/clockout.mjs [dist/clockout.mjs] [--env-a KEY=VALUE]… [--env-b KEY=VALUE]…`
 */
import { Command } from 'commander';
import { exitOnWrongUse, fromOneOn } from '../scripts/tool-options.ts';
import { askInTurn, compareThroughput, medianOf, warmUp } from './compare.ts';
import { readMemory, startClockout } from './servers.ts';

type Flags = { envA?: string[]; envB?: string[]; rounds: number };

const program = new Command('serve')
  .description('compares two servers in one run: CPU time of an ordinary review, and memory')
  .argument('<other>', 'another build, a clockout.mjs')
  .argument('[own]', 'a build', 'dist/clockout.mjs')
  .option('--env-a <pair...>', 'KEY=VALUE in the environment of the first')
  .option('--env-b <pair...>', 'KEY=VALUE in the environment of the second')
  .option('--rounds <n>', 'of 100 reviews each', fromOneOn, 200)
  .exitOverride(exitOnWrongUse)
  .parse();
const { envA, envB, rounds } = program.opts<Flags>();
const [other = '', own = ''] = program.processedArgs;

const readEnv = (pairs: readonly string[] = []): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^(\w+)=(.*)$/.exec(pair) ?? [];
      if (key === undefined || value === undefined) throw new Error(`expected KEY=VALUE, found ${pair}`);
      return [key, value];
    }),
  );

const servers = [await startClockout(other, readEnv(envA)), await startClockout(own, readEnv(envB))];
const idle = servers.map(readMemory);
for (const server of servers) await warmUp(server, undefined, 60_000);
const costs = await askInTurn(servers, { connections: 8, rounds, reviews: 100 });
for (const [i, server] of servers.entries())
  console.log(
    `${server.name}: ${medianOf(costs[i] ?? [], 'cpu').toFixed(3)} ms of CPU a review, ${idle[i]} MiB idle, ${readMemory(server)} MiB afterwards`,
  );
const [ofOther = [], ofOwn = []] = costs;
console.log(`throughput: ${compareThroughput(ofOwn, ofOther).toFixed(3)} of the first server's`);
for (const server of servers) server.stop();
