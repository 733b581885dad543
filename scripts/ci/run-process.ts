/** Runs a program with everything that it starts, and ends all of it if it takes too long or CI is stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const project = resolve(import.meta.dirname, '../..');

export type Limits = {
  env: NodeJS.ProcessEnv;
  /** A number is an open file. */
  output: 'inherit' | 'ignore' | number;
  /** The most that it may take. */
  minutes: number;
  /** Ends it early. */
  stop: AbortSignal;
  /** Milliseconds from SIGTERM to SIGKILL. A test run may have a cluster to remove. */
  grace?: number | undefined;
};

export type Ended = {
  /** The exit code, if it ended by itself. */
  status: number | null;
  /** How it ended, in words. */
  how: string;
  /** It was ended from here. */
  isBrokenOff: boolean;
};

/** @param command a program and its arguments, run in the project's folder and in a process group of its own */
export async function runProcess([program = '', ...args]: string[], limits: Limits): Promise<Ended> {
  const { env, output, minutes, stop, grace = 20_000 } = limits;
  const child = spawn(program, args, { cwd: project, env, stdio: ['ignore', output, output], detached: true });
  const exited = new Promise<Omit<Ended, 'isBrokenOff'>>((resolve) => {
    child.on('error', ({ message }) => resolve({ status: null, how: message }));
    child.on('exit', (status, signal) =>
      resolve({ status, how: signal ? `ended by ${signal}` : `exit code ${status}` }),
    );
  });
  const settled = new AbortController();
  const brokenOff = Promise.race([
    sleep(minutes * 60_000, `expected an end within ${minutes} minutes`, { signal: settled.signal }),
    stopped(stop, settled.signal),
  ]);
  brokenOff.catch(() => {}); // aborted below
  const first = await Promise.race([exited, brokenOff]);
  settled.abort();
  if (typeof first !== 'string') return { ...first, isBrokenOff: false };
  if (child.pid !== undefined) await endGroup(child.pid, grace);
  return { status: null, how: first, isBrokenOff: true };
}

async function stopped(stop: AbortSignal, signal: AbortSignal): Promise<string> {
  if (!stop.aborted) await once(stop, 'abort', { signal });
  return `CI was stopped: ${stop.reason}`;
}

async function endGroup(group: number, grace: number): Promise<void> {
  const end = Date.now() + grace;
  for (let isThere = signalGroup(group, 'SIGTERM'); isThere && Date.now() < end; isThere = signalGroup(group, 0)) {
    await sleep(100);
  }
  signalGroup(group, 'SIGKILL');
}

/** @returns whether the group has processes; signal 0 only asks */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
