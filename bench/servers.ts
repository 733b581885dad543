/** Servers as processes of their own, and what they cost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export type Server = Awaited<ReturnType<typeof startServer>>;

/** The bundle of this checkout. */
export const bundle = join(import.meta.dirname, '../dist/clockout.mjs');

/**
 * The server says its URL and its process in the first line with both that it prints.
 * @param port where it listens, if it does not print that
 */
export async function startServer(
  name: string,
  args: readonly string[],
  { env = {}, cgroup, port }: { env?: Record<string, string>; cgroup?: string; port?: number } = {},
) {
  const enter = ['-c', 'echo $$ > "$1"; shift; exec "$@"', 'sh', `${cgroup}`, process.execPath, ...args];
  const [command, words] = cgroup ? (['sh', enter] as const) : ([process.execPath, args] as const);
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended before it served`)));
  const served = new Promise<string>((resolve) =>
    lines.on('line', (line) => {
      if (line.includes('"webhook":')) resolve(line);
    }),
  );
  const line = await Promise.race([port === undefined ? served : listens(port, child.pid), ended]);
  ended.catch(() => {});
  lines.removeAllListeners('line');
  child.stdout.resume();
  const { webhook, pid, ...more } = JSON.parse(line) as { webhook: string; pid: number } & Record<string, string>;
  const stop = () => {
    // In a cgroup, the server restarts itself as another process.
    if (pid !== child.pid) kill(pid);
    child.kill('SIGKILL');
  };
  process.once('exit', stop);
  return {
    name,
    url: new URL(webhook),
    pid,
    /** What else the line says. */
    more,
    stop,
    /** Stops it, and waits until it has gone. */
    ended: async () => {
      const gone = once(child, 'exit');
      process.off('exit', stop);
      stop();
      await gone;
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const serve = (build: string, flags: readonly string[] = []) => [
  ...[build, 'serve', '--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'],
  ...['--registry-lookup', 'off', ...flags],
];

/**
 * @param build the path of a clockout.mjs
 * @param settings further variables of its environment; one may turn its log off
 */
export async function startClockout(build: string, settings: Record<string, string> = {}): Promise<Server> {
  const pairs = Object.entries(settings).map((each) => each.join('='));
  if (pairs.length === 0) return startServer(build, serve(build));
  const port = await findFreePort();
  const name = [build, ...pairs].join(' ');
  return startServer(name, serve(build, ['--listen-port', `${port}`]), { env: settings, port });
}

/** @param cgroup the file of the cgroup that it is to run in; undefined for none */
export const startInCgroup = (
  build: string,
  cgroup: string | undefined,
  flags?: readonly string[],
  env?: Record<string, string>,
): Promise<Server> => startServer(build, serve(build, flags), { ...(cgroup && { cgroup }), ...(env && { env }) });

/** With what it shares with other processes, in MiB. */
export const readResident = ({ pid }: Server): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** @param bytes how long its answers are: at the path `/BYTES` */
export const startBareFastify = (bytes: readonly number[]): Promise<Server> =>
  startServer('bare Fastify', [join(import.meta.dirname, 'bare-fastify.ts'), ...bytes.map(String)]);

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

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @returns what a server says of itself, once somebody listens */
async function listens(port: number, pid: number | undefined): Promise<string> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return JSON.stringify({ webhook: `https://127.0.0.1:${port}/mutate`, pid });
    await sleep(50);
  }
}
