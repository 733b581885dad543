/** A build's own server on loopback, and what each review costs it: CPU time of all of its threads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { noRegistry } from './no-registry.ts';

export type Victim = {
  /** Milliseconds of CPU for one review; `gaveUp` where it was killed before it answered, or died. */
  cost: (body: string) => Promise<{ cpu: number; status: number; gaveUp: boolean }>;
  isAlive: () => boolean;
  stop: () => Promise<void>;
};

/** In milliseconds of CPU: what costs more is bad enough. */
const mostPatience = 3000;

/** @param build folder of a bundle, with clockout.mjs */
export async function startVictim(build: string): Promise<Victim> {
  const flags = ['--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'];
  const server = spawn(process.execPath, [join(build, 'clockout.mjs'), 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...noRegistry },
  });
  const url = await servingAt(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const isAlive = () => server.exitCode === null && server.signalCode === null;

  const cost = async (body: string) => {
    const before = cpuOf(server.pid);
    const spent = () => cpuOf(server.pid) - before;
    let status: number | undefined;
    const answered = post(url, agent, body).then(
      (code) => {
        status = code;
      },
      () => {
        status = 0;
      },
    );
    while (status === undefined && isAlive() && spent() < mostPatience) await Promise.race([answered, sleep(100)]);
    // What is left to do after an answer: the log, its metrics.
    await sleep(1);
    const cpu = isAlive() ? spent() : mostPatience;
    const gaveUp = status === undefined || !isAlive();
    if (gaveUp) server.kill('SIGKILL');
    return { cpu, status: status ?? 0, gaveUp };
  };
  const stop = async () => {
    agent.destroy();
    if (!isAlive()) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return { cost, isAlive, stop };
}

// --- internal ---

async function servingAt(server: ChildProcess): Promise<string> {
  const lines = createInterface(server.stdout as NodeJS.ReadableStream);
  const served = (async () => {
    for await (const line of lines) {
      const { msg, webhook } = JSON.parse(line);
      if (msg === 'serving') return `${webhook}`;
    }
    throw new Error('expected the server to say where it serves, found that it ended; run npm run build first');
  })();
  const url = await served;
  lines.close();
  server.stdout?.resume();
  return url;
}

function post(url: string, agent: Agent, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  sent.on('error', reject).end(body);
  return promise;
}

/** Milliseconds since its start, of every thread; in steps of 10 where the kernel counts no nanoseconds. */
function cpuOf(pid: number | undefined): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const nanoseconds = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    );
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
  } catch {
    return 0;
  }
}
