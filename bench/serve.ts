/**
 * Two builds' servers, asked in turn in one run: CPU time of an ordinary review over HTTPS, and memory.
 * `node bench/serve.ts OTHER/clockout.mjs [dist/clockout.mjs] [-- FLAGS]`. The second gets the flags, such as `--events on`, and the
 * first `--log-level silent` if there are any: that is what telling costs. Each review is about another pod of another Job. CPU time, as the machine may be busy. V8 compiles for the
 * first 10,000 reviews or more, so these do not count. A shared processor changes its speed, so neighbouring rounds are compared.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [given = [], flagsOfOwn = []] = splitAt(process.argv.slice(2), '--');
const [other, own = 'dist/clockout.mjs'] = given;
if (!other) throw new Error('expected the path of another build: node bench/serve.ts OTHER/clockout.mjs');
const warmUp = 15_000;
const rounds = 200;
const reviews = 100;

const recorded = join(import.meta.dirname, '../test/testdata/pods/classic-two-containers.json');
const text = JSON.stringify(JSON.parse(readFileSync(recorded, 'utf8')));
const [token = ''] = /kube-api-access-[a-z0-9]{5}/.exec(text) ?? [];
const [, job = ''] = /"ownerReferences":\[\{[^}]*"uid":"([^"]+)"/.exec(text) ?? [];
if (!token || !job) throw new Error('expected a recorded pod with a token and a Job');
let pods = 0;
function nextBody(): Buffer {
  const number = (pods++).toString(36).padStart(5, '0');
  return Buffer.from(text.replaceAll(token, `kube-api-access-${number}`).replaceAll(job, `${number}${job.slice(5)}`));
}

/** Takes Events, and whatever else it is sent. */
const api = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(201, { 'content-type': 'application/json' }).end('{}'));
}).listen(0, '127.0.0.1');
await once(api, 'listening');
const kubeconfig = join(mkdtempSync(join(tmpdir(), 'bench-')), 'config');
const cluster = { server: `http://127.0.0.1:${(api.address() as AddressInfo).port}` };
writeFileSync(
  kubeconfig,
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    clusters: [{ name: 'a', cluster }],
    users: [{ name: 'a', user: { token: 'a' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
  }),
);
const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });

function splitAt(words: string[], at: string): string[][] {
  const index = words.indexOf(at);
  return index < 0 ? [words] : [words.slice(0, index), words.slice(index + 1)];
}

/** A server that may say nothing, so it is asked at a port that was free a moment ago. */
async function start(build: string, further: string[]) {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const flags = ['serve', '--listen-address', '127.0.0.1', '--listen-port', `${port}`, '--metrics-listen-port', '0'];
  const child = spawn(process.execPath, [build, ...flags, '--registry-lookup', 'off', ...further], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...(further.includes('--events') && { KUBECONFIG: kubeconfig }) },
  });
  child.stdout.resume();
  const webhook = `https://127.0.0.1:${port}/mutate`;
  const isUp = () =>
    post(webhook).then(
      () => true,
      () => false,
    );
  while (!(await isUp())) await sleep(100);
  return { build, webhook, pid: child.pid ?? 0, stop: () => child.kill('SIGKILL') };
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
    const body = nextBody();
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

const isTold = flagsOfOwn.length > 0;
const servers = await Promise.all([start(other, isTold ? ['--log-level', 'error'] : []), start(own, flagsOfOwn)]);
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
