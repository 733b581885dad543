/** Reviews at a constant rate for a long time, while the certificate changes each minute. `npm run soak` */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupProblem, makeCgroup } from '../../test/e2e/attack/memory-cgroup.ts';
import { limitMebibytes } from '../../test/e2e/attack/target.ts';
import { ordinaryReview } from '../compare.ts';
import { type Load, openLoad } from '../load.ts';
import { mountSecret } from '../mounted-secret.ts';
import type { Findings, Options } from '../result.ts';
import { createReviews } from '../reviews.ts';
import { bundle, median, readResident, type Server, startInCgroup } from '../servers.ts';

/** New connections so often, in seconds: only those see another certificate. */
const reconnectEvery = 20;
const rotateEvery = 60;
/** Between some reviews and the next, in milliseconds. */
const pause = 50;

type Minute = { reviews: number; p50: number; p99: number; resident: number; handles: number };

export async function soak({ minutes, rate }: Options): Promise<Findings> {
  const problem = cgroupProblem();
  const cgroup = problem === undefined ? makeCgroup('soak', limitMebibytes * 1024 * 1024) : undefined;
  const secret = await mountSecret();
  const server = await startInCgroup(bundle, cgroup?.procs, secret.flags);
  try {
    const found = await send(server, secret.rotate, minutes * 60, rate);
    return report(found, { minutes, rate, problem });
  } finally {
    await server.ended();
    await cgroup?.remove();
    secret.remove();
  }
}

// --- internal ---

async function send(server: Server, rotate: () => Promise<void>, seconds: number, rate: number) {
  const client = openClient(server);
  const found: Minute[] = [];
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  let [rotations, sent] = [0, 0];
  while (elapsed() < seconds) {
    if (elapsed() >= (rotations + 1) * rotateEvery) {
      rotations++;
      await rotate();
    }
    // What is late comes anyway, in small parts.
    const due = Math.min(rate, Math.floor(elapsed() * rate) - sent);
    if (due > 0) await client.send(due);
    sent += Math.max(0, due);
    if (elapsed() >= 60 * (found.length + 1)) found.push(summarise(server, client));
    await sleep(pause);
  }
  // The last minute ends with the loop.
  if (elapsed() > 60 * found.length + 1) found.push(summarise(server, client));
  client.close();
  return { found, errors: client.errors, rotations, certificates: client.fingerprints.size, took: elapsed() };
}

type Client = ReturnType<typeof openClient>;

/** Has new connections now and then, and after an error. */
function openClient({ url }: Server) {
  const nextBody = createReviews(ordinaryReview);
  const fingerprints = new Set<string>();
  const errors: string[] = [];
  const took: number[] = [];
  let load: Load | undefined;
  let connected = 0;
  const connect = async () => {
    load?.close();
    load = await openLoad(url, nextBody, 10);
    connected = performance.now();
    fingerprints.add(load.fingerprint);
    return load;
  };
  return {
    fingerprints,
    errors,
    /** Of the reviews since the last look, in milliseconds. */
    takeTimes: () => took.splice(0),
    send: async (count: number) => {
      try {
        const isOld = performance.now() - connected >= reconnectEvery * 1000;
        took.push(...(await (load === undefined || isOld ? await connect() : load).send(count)));
      } catch (error) {
        errors.push(error instanceof Error ? error.message : `${error}`);
        load?.close();
        load = undefined;
      }
    },
    close: () => load?.close(),
  };
}

function summarise(server: Server, client: Client): Minute {
  const sorted = client.takeTimes().toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * sorted.length)] ?? Number.NaN;
  const minute = {
    reviews: sorted.length,
    p50: at(0.5),
    p99: at(0.99),
    resident: readResident(server),
    handles: readdirSync(`/proc/${server.pid}/fd`).length,
  };
  console.error(
    `  ${minute.reviews} reviews in a minute, ${client.errors.length} errors in all; ${minute.resident.toFixed(0)} MiB`,
  );
  return minute;
}

type Found = Awaited<ReturnType<typeof send>>;

function report(
  { found, errors, rotations, certificates, took }: Found,
  { minutes, rate, problem }: { minutes: number; rate: number; problem: string | undefined },
): Findings {
  const all = (which: keyof Minute) => found.map((each) => each[which]);
  const total = all('reviews').reduce((sum, each) => sum + each, 0);
  const limit = problem === undefined ? `limit of ${limitMebibytes} MiB` : 'no limit';
  const early = found.slice(0, Math.max(1, Math.floor(found.length / 4)));
  const late = found.slice(-early.length);
  const middle = (some: readonly Minute[]) => median(some.map(({ resident }) => resident));
  return {
    notes: [
      ...(problem ? [problem] : []),
      ...errors.slice(0, 3).map((error) => `Error: ${error}`),
      `${minutes} minutes at ${rate} reviews a second; ${(total / took).toFixed(0)} a second were sent.`,
    ],
    pictures: [
      {
        kind: 'lines',
        name: 'soak-memory',
        title: `Resident memory in the soak, ${limit}`,
        unit: 'MiB',
        x: 'minutes',
        series: [{ label: 'Clockout', points: found.map(({ resident }, i) => [i + 1, resident]) }],
      },
      {
        kind: 'lines',
        name: 'soak-latency',
        title: 'Latency in the soak',
        unit: 'ms',
        x: 'minutes',
        series: (['p50', 'p99'] as const).map((which) => ({
          label: which,
          points: found.map((each, i) => [i + 1, each[which]]),
        })),
      },
    ],
    tables: [
      {
        head: [
          ...['Reviews', 'Errors', 'Rotations', 'Certificates seen', 'Memory, first quarter, MiB', 'Last quarter, MiB'],
          ...['Handles, least', 'most', 'p50, ms', 'p99, ms, median of the minutes'],
        ],
        rows: [
          [
            total.toLocaleString('en-US'),
            `${errors.length}`,
            `${rotations}`,
            `${certificates}`,
            middle(early).toFixed(0),
            middle(late).toFixed(0),
            `${Math.min(...all('handles'))}`,
            `${Math.max(...all('handles'))}`,
            median(all('p50')).toFixed(1),
            median(all('p99')).toFixed(1),
          ],
        ],
      },
    ],
  };
}
