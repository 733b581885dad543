/** Measures the bundle as a server: milliseconds from its start to readiness, and memory once it idles. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const bundle = join(import.meta.dirname, '../dist/clockout.mjs');
const rounds = Number(process.argv[2] ?? 10);
const flags = ['--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'];

await fetch('data:,'); // Loads our own client before the clock runs.
const readyTimes: number[] = [];
const memory: number[] = [];
for (let round = 0; round < rounds; round++) {
  const { ready, resident } = await startOnce();
  readyTimes.push(ready);
  memory.push(resident);
}
console.log(`ready after     ${summary(readyTimes)} ms   (goal: 500)`);
console.log(`resident, idle  ${summary(memory)} MiB  (goal: 100)`);

async function startOnce() {
  const start = performance.now();
  const child = spawn(process.execPath, [bundle, 'serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const metrics = await waitForServing(child.stdout);
    const readyz = await fetch(new URL('/readyz', metrics));
    const ready = performance.now() - start;
    if (!readyz.ok) throw new Error(`expected /readyz to answer 200, found ${readyz.status}`);
    await sleep(2000);
    return { ready, resident: residentMebibytes(child.pid) };
  } finally {
    child.kill('SIGINT');
  }
}

async function waitForServing(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const { msg, metrics } = JSON.parse(line);
    if (msg === 'serving') return metrics;
  }
  throw new Error('the server ended before it was ready; run "npm run build" first');
}

function residentMebibytes(pid: number | undefined): number {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

function summary(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  return `median ${sorted[Math.floor(sorted.length / 2)]}, from ${sorted[0]} to ${sorted.at(-1)}`;
}
