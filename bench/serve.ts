/**
 * Two builds' servers, asked in turn in one run: CPU time of an ordinary review over HTTPS, and memory.
 * `node bench/serve.ts OTHER/clockout.mjs [dist/clockout.mjs]`. CPU time, as the machine may be busy. V8 compiles for the
 * first 10,000 reviews or more, so these do not count. A shared processor changes its speed, so neighbouring rounds are compared.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [other, own = 'dist/clockout.mjs'] = process.argv.slice(2);
if (!other) throw new Error('expected the path of another build: node bench/serve.ts OTHER/clockout.mjs');
const warmUp = 15_000;
const rounds = 200;
const reviews = 100;

const recorded = join(import.meta.dirname, '../test/testdata/pods/classic-two-containers.json');
const body = Buffer.from(JSON.stringify(JSON.parse(readFileSync(recorded, 'utf8'))));
const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });

async function start(build: string) {
  const flags = ['serve', '--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'];
  const child = spawn(process.execPath, [build, ...flags, '--registry-lookup', 'off'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { webhook, pid } = JSON.parse(line) as { webhook: string; pid: number };
  return { build, webhook, pid, stop: () => child.kill('SIGKILL') };
}
type Server = Awaited<ReturnType<typeof start>>;

/** Of all threads, in milliseconds. The times in /proc/PID/stat are in ticks of 10. */
const cpu = ({ pid }: Server): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, each) => sum + each / 1e6, 0);

const memory = ({ pid }: Server) =>
  Math.round(Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

const post = (url: string) =>
  new Promise<void>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const sent = request(url, { agent, method: 'POST', headers }, (response) => response.resume().on('end', resolve));
    sent.on('error', reject).end(body);
  });

/** @returns milliseconds of CPU for each */
async function ask(server: Server, count: number): Promise<number> {
  const before = cpu(server);
  let left = count;
  const worker = async () => {
    while (left-- > 0) await post(server.webhook);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return (cpu(server) - before) / count;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const servers = await Promise.all([other, own].map(start));
const idle = servers.map(memory);
const took = servers.map((): number[] => []);
for (const server of servers) await ask(server, warmUp);
for (let i = 0; i < rounds; i++) {
  // The order alternates: the second of two in turn is faster.
  const inTurn = [...servers.entries()];
  for (const [j, server] of i % 2 === 0 ? inTurn : inTurn.reverse()) took[j]?.push(await ask(server, reviews));
}
for (const [j, server] of servers.entries())
  console.log(
    `${server.build}: ${median(took[j] ?? []).toFixed(3)} ms of CPU a review, ${idle[j]} MiB idle, ${memory(server)} MiB after ${warmUp + rounds * reviews} reviews`,
  );
const [ofOther = [], ofOwn = []] = took;
const ratios = ofOther.map((each, i) => each / (ofOwn[i] ?? each));
console.log(`throughput: ${median(ratios).toFixed(3)} of the other build's`);
for (const server of servers) server.stop();
process.exit();
