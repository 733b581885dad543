/**
 * What the wrapper costs an app that exits at once, from its start to its end, without a proxy: `node bench/wrapper.ts [DIR]
 * [ROUNDS]`, against the scripts of another checkout, in turn. CLOCKOUT_TEST_BUSYBOX names the busybox. Needs root and unshare:
 * what outlives its parent counts, too, and only process 1 of a namespace gets to know of it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { makePod } from '../test/wrapper/pod.ts';
import { median } from './servers.ts';

/** An older checkout's pod does not say where its volumes are. */
type Pod = Pick<ReturnType<typeof makePod>, 'folder' | 'init' | 'remove'>;

const [mark, ...inside] = process.argv.slice(2);
if (mark !== 'inside') {
  const again = [process.execPath, import.meta.filename, 'inside', ...process.argv.slice(2)];
  const unshare = ['--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', '"$@"; exit $?', 'sh', ...again];
  process.exit(spawnSync('unshare', unshare, { stdio: 'inherit' }).status ?? 1);
}
const [other, rounds = '200'] = inside;
/** More than one for each look at the CPU's clock, which ticks only 100 times a second. */
const startsInRound = 5;

async function podOf(folder: string): Promise<Pod> {
  const files = ['test/wrapper/pod.ts', 'test/inject/wrapper/pod.ts'].map((file) => join(resolve(folder), file));
  const file = files.find((each) => existsSync(each));
  if (!file) throw new Error(`expected ${files.join(' or ')}`);
  const helper = (await import(pathToFileURL(file).href)) as { makePod: (mode: 'plain') => Pod };
  return helper.makePod('plain');
}

/** In milliseconds: CPU of all that has ended. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function endedCpu(): number {
  const ticks = ['self', '1'].flatMap((process) => {
    const fields = readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return [Number(fields[13]), Number(fields[14])];
  });
  return ticks.reduce((sum, each) => sum + each * 10, 0);
}

/** @returns a function that starts a wrapper and waits for its end, each time as in a new pod */
async function createStart(pod: Pod): Promise<() => void> {
  await pod.init('app:any:3600');
  const state = join(pod.folder, 'state');
  const files = readdirSync(state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const contents = files.map((file) => readFileSync(file));
  const options = 'name=app port=0 wait=0 late=start quit=10 delay=0 urls= report=0 stop=TERM guard=yes'.split(' ');
  const args = ['sh', join(pod.folder, 'clockout/run'), ...options, '--', '/bin/true'];
  return () => {
    for (const [i, file] of files.entries()) writeFileSync(file, contents[i] ?? '');
    execFileSync(join(pod.folder, 'clockout/busybox'), args, { env: { PATH: '/usr/bin:/bin' } });
  };
}

const folders = [join(import.meta.dirname, '..'), ...(other ? [other] : [])];
const pods = await Promise.all(folders.map(podOf));
const starts = await Promise.all(pods.map(createStart));
const measured = starts.map((start) => ({ start, cpu: 0, times: [] as number[] }));
for (let round = 0; round < Number(rounds); round++) {
  for (const one of round % 2 === 0 ? measured : measured.toReversed()) {
    const [cpu, began] = [endedCpu(), performance.now()];
    for (let i = 0; i < startsInRound; i++) one.start();
    one.cpu += endedCpu() - cpu;
    one.times.push((performance.now() - began) / startsInRound);
  }
}
for (const pod of pods) pod.remove();

const costs = measured.map(({ cpu, times }) => ({ cpu: cpu / Number(rounds) / startsInRound, time: median(times) }));
for (const [i, { cpu, time }] of costs.entries())
  console.log(`${folders[i]}: ${cpu.toFixed(2)} ms of CPU, ${time.toFixed(1)} ms from start to end`);
const [ours, theirs] = costs;
if (ours && theirs)
  console.log(`here / there: ${(ours.cpu / theirs.cpu).toFixed(2)} CPU, ${(ours.time / theirs.time).toFixed(2)} time`);
