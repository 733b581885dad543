/** What the wrapper adds to a program, against running it directly, and against scuttle. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { busybox, makePod, type Pod } from '../../test/wrapper/pod.ts';
import type { Findings, NotRun, Options } from '../result.ts';
import { findScuttle } from '../scuttle.ts';
import { median } from '../servers.ts';

type Ways = Record<string, (argv: string[]) => Running>;
type Running = { pid: () => number; exit: Promise<string> };
type Once = { start: number; end: number; cpu: number };
type Found = Once & { memory: number };

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export async function measureWrapper({ rounds }: Options): Promise<Findings | NotRun> {
  if (busybox === undefined) return { notRun: 'There is no busybox in PATH; install it.' };
  const proxy = await startProxy();
  const pod = makePod('plain');
  try {
    await pod.init('app:any:0', '-', {}, 'native', '');
    const scuttle = await findScuttle();
    const ways: Ways = {
      'the program directly': (argv) => run(argv, {}),
      'the wrapper, no proxy': (argv) => wrap(pod, 0, argv),
      'the wrapper, with a proxy': (argv) => wrap(pod, proxy.port, argv),
      ...(typeof scuttle !== 'string' && {
        [`scuttle ${scuttle.version}, with a proxy`]: (argv) =>
          run([scuttle.program, ...argv], {
            ENVOY_ADMIN_API: proxy.url,
            ISTIO_QUIT_API: proxy.url,
            SCUTTLE_LOGGING: 'false',
          }),
      }),
    };
    const found = await measureInTurn(ways, rounds * 5);
    return {
      ...(typeof scuttle === 'string' && { notes: [scuttle] }),
      pictures: [
        {
          kind: 'bars',
          name: 'wrapper',
          title: 'What a wrapper takes',
          unit: 'ms, less is better',
          series: ["to the app's start", "from the app's exit"],
          groups: Object.entries(found).map(([label, { start, end }]) => ({ label, values: [start, end] })),
        },
      ],
      tables: [
        {
          head: [
            'Run by',
            "To the app's start, ms",
            "From the app's exit, ms",
            'CPU time, ms',
            'Memory besides the app, MiB',
          ],
          rows: Object.entries(found).map(([name, { start, end, cpu, memory }]) => [
            name,
            ...[start, end, cpu].map((value) => value.toFixed(1)),
            memory.toFixed(2),
          ]),
        },
      ],
    };
  } finally {
    await proxy.close();
    pod.remove();
  }
}

// --- internal ---

async function measureInTurn(ways: Ways, rounds: number): Promise<Record<string, Found>> {
  const all = Object.entries(ways).map(([name, start]) => ({
    name,
    start,
    found: [] as Once[],
    memory: [] as number[],
  }));
  for (let round = 0; round < rounds; round++)
    for (const { start, found } of round % 2 === 0 ? all : all.toReversed()) found.push(await measureOnce(start));
  for (let round = 0; round < 5; round++) for (const { start, memory } of all) memory.push(await measureMemory(start));
  return Object.fromEntries(
    all.map(({ name, found, memory }) => {
      const of = (which: keyof Once) => median(found.map((each) => each[which]));
      // In ticks of 10 ms, so only their sum is right.
      const cpu = found.reduce((sum, each) => sum + each.cpu, 0) / found.length;
      return [name, { start: of('start'), end: of('end'), cpu, memory: median(memory) }];
    }),
  );
}

async function measureOnce(start: Ways[string]): Promise<Once> {
  const cpuBefore = readCpuOfChildren();
  const began = now();
  // The last thing that the app does is to say when.
  const told = Number(await start(['/bin/date', '+%s.%N']).exit) * 1000;
  const ended = now();
  const cpu = readCpuOfChildren() - cpuBefore;
  return { start: told - began, end: ended - told, cpu };
}

/** While the app runs. */
async function measureMemory(start: Ways[string]): Promise<number> {
  const running = start(['/bin/sleep', '2']);
  await sleep(500);
  const memory = readMemory(running.pid());
  await running.exit;
  return memory;
}

const now = () => performance.timeOrigin + performance.now();

const wrap = (pod: Pod, port: number, argv: string[]): Running => {
  const { pid, exit } = pod.wrapper({ port, guard: 'no' }, argv);
  return { pid, exit: exit.then(({ stdout }) => stdout) };
};

function run([command = '', ...args]: string[], env: Record<string, string>): Running {
  const child = spawn(command, args, { env: { PATH: path, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  // scuttle writes lines of its own there.
  const told = () => /^\d{9,}\.\d+$/m.exec(text)?.[0] ?? '';
  return { pid: () => child.pid ?? 0, exit: new Promise((resolve) => child.on('close', () => resolve(told()))) };
}

/** Of those that have ended, in milliseconds. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readCpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** Of a process and all below it but the app: what is their own, and their share of the rest, in MiB. */
const readMemory = (pid: number): number =>
  listTree(pid)
    .filter((each) => readFileSync(`/proc/${each}/comm`, 'utf8') !== 'sleep\n')
    .reduce((sum, each) => sum + readShare(each), 0);

const readShare = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;

function listTree(pid: number): number[] {
  const below = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...below.flatMap(listTree)];
}

/** Answers as istio-proxy's status port, and as Envoy's admin interface, which is what scuttle asks. */
async function startProxy() {
  const server = createServer((_, response) => response.end('{"state":"LIVE"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
