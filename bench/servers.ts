/** Servers as processes of their own, and what they cost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const recorded = join(import.meta.dirname, '../test/testdata/pods/classic-two-containers.json');

/** A review of an ordinary pod that gets wrapped, as the API server sends it. */
const ordinaryReview = JSON.stringify(JSON.parse(readFileSync(recorded, 'utf8')));

/** By its token's volume, Clockout knows a pod again. */
const [token = ''] = /kube-api-access-\w{5}/.exec(ordinaryReview) ?? [];
if (!token) throw new Error(`expected a pod with a token in ${recorded}`);

/** @returns a function that gives the review of another pod on each call, always with as many bytes */
export function createReviews(): () => Buffer {
  const [head = '', ...rest] = ordinaryReview.split(token);
  let count = 0;
  return () => {
    const name = `kube-api-access-${(count++ % 36 ** 5).toString(36).padStart(5, '0')}`;
    return Buffer.from([head, ...rest].join(name));
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;

/**
 * @param build the path of a clockout.mjs
 * @param settings further variables of its environment, such as CLOCKOUT_LOG_LEVEL
 */
export async function startClockout(build: string, settings: Record<string, string> = {}): Promise<Server> {
  const port = await findFreePort();
  const name = [build, ...Object.entries(settings).map((each) => each.join('='))].join(' ');
  const address = ['--listen-address', '127.0.0.1', '--listen-port', `${port}`, '--metrics-listen-port', '0'];
  const child = start([build, 'serve', ...address, '--registry-lookup', 'off'], settings);
  // Its log may be off. What it writes is read, as a container runtime does.
  child.stdout.resume();
  await Promise.race([listens(port), failIfEnded(child, name)]);
  return {
    name,
    url: new URL(`https://127.0.0.1:${port}/mutate`),
    pid: child.pid ?? 0,
    stop: () => child.kill('SIGKILL'),
  };
}

/** @param bytes how long its answers are */
export const startBareFastify = (bytes: number): Promise<Server> =>
  startServer('bare Fastify', [join(import.meta.dirname, 'bare-fastify.ts'), `${bytes}`]);

/** CPU time of all threads, in milliseconds. The times in /proc/PID/stat are in ticks of 10. */
export const readCpu = ({ pid }: Server): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, each) => sum + each / 1e6, 0);

/** In MiB. */
export const readMemory = ({ pid }: Server): number =>
  Math.round(Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

// --- internal ---

/** The server says its URL and its process in the first line that it prints. */
async function startServer(name: string, args: readonly string[]) {
  const child = start(args);
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), failIfEnded(child, name)])) as [string];
  const { webhook, pid } = JSON.parse(line) as { webhook: string; pid: number };
  return { name, url: new URL(webhook), pid, stop: () => child.kill('SIGKILL') };
}

const start = (args: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH, ...env } });

function failIfEnded(child: ChildProcess, name: string): Promise<never> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended before it served`)));
  ended.catch(() => {});
  return ended;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listens(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
}
