/**
 * The programs of the cluster, which run on after this one has ended. There are no pid files, which go stale and then
 * name other programs: each program carries a mark in its environment, and is found by it in /proc. (The name of the
 * mark can't begin with CLOCKOUT_: the webhook refuses settings that it doesn't know.)
 */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { lastLines } from './exec.ts';
import { inState } from './paths.ts';
import { eventually, GiveUp, sleep } from './progress.ts';

const mark = 'TEST_CLUSTER_PROCESS';

export type Program = { name: string; argv: string[]; cwd?: string; env?: Record<string, string> };

export const logFile = (name: string): string => inState('log', `${name}.log`);

/** Starts a program in a session of its own, its output in a log file. */
export function start({ name, argv, cwd, env }: Program): void {
  const [program = '', ...args] = argv;
  mkdirSync(inState('log'), { recursive: true });
  const log = openSync(logFile(name), 'a');
  const child = spawn(program, args, {
    cwd: cwd ?? inState(),
    env: { ...process.env, ...env, [mark]: name },
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.on('error', () => {}); // found missing by whoever waits for it
  child.unref();
}

/** Process ids of a program; without a name, of all that `start` started and all they started and left behind. */
export function find(name?: string): number[] {
  const wanted = name === undefined ? `\0${mark}=` : `\0${mark}=${name}\0`;
  return processIds().filter((pid) => {
    const environment = tryRead(`/proc/${pid}/environ`);
    if (!`\0${environment}`.includes(wanted)) return false;
    // A child carries the mark too (containerd-shim has containerd's), but only the program itself leads a session.
    return name === undefined || sessionOf(pid) === pid;
  });
}

/** Ends a program: first with TERM, after 15 s with KILL. */
export async function stop(name: string): Promise<void> {
  for (const pid of find(name)) kill(pid, 'SIGTERM');
  for (let tries = 0; tries < 150 && find(name).length > 0; tries++) await sleep(100);
  for (const pid of find(name)) kill(pid, 'SIGKILL');
}

/**
 * Waits for an answer from the first of some programs, which needs the others. If one of them ends or it takes too long,
 * the error has the last lines of a log: of the one that ended, or else of the first.
 */
export async function waitFor<T>(
  names: [string, ...string[]],
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const ended = () => names.findLast((name) => find(name).length === 0);
  try {
    return await eventually(what, seconds, () => (ended() ? Promise.reject(new GiveUp(`${what}: no`)) : ask()));
  } catch (error) {
    const culprit = ended();
    const reason = culprit ? `${what}: no, ${culprit} has ended` : error instanceof Error ? error.message : error;
    const log = logFile(culprit ?? names[0]);
    throw new Error(`${reason}\n  The last lines of ${log}:\n${lastLines(tryRead(log) || '(nothing)', 12)}`);
  }
}

/** Sends a signal; a process that has gone meanwhile is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);

/** Field 6 of /proc/PID/stat; the name in field 2 may hold blanks and brackets, so count after its end. */
function sessionOf(pid: number): number {
  const stat = tryRead(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

/** A file's text, or nothing where it is gone or empty. */
export function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
