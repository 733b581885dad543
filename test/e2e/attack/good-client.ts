/**
 * The client that must lose nothing: half of its 20 reviews a second with connections that it keeps, as an API server does,
 * the others with a new one each, some of which are used once more, and the kubelet's probe. It is 2 ms away. A process of its own, so that an attacker's work is not in its
 * way. `node good-client.ts WEBHOOK-URL METRICS-URL PID-OF-THE-SERVER`. A line of input makes it forget what it met while all
 * were starting; when the input ends it prints what it has met since.
 */
import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { setPriority } from 'node:os';
import { argv, stdin, stdout } from 'node:process';
import { clockOf } from './clock.ts';
import { farAway } from './far-away.ts';

/** Of one way to ask; `slowest` in milliseconds of the server's time, `wall` of the wall's. */
export type Met = { sent: number; lost: number; slowest: number; wall: number; problems: string[] };
export type Meeting = Record<'kept' | 'fresh' | 'again' | 'probes', Met>;

const [, , webhookUrl = '', metrics = '', server = ''] = argv;
const webhook = await farAway(new URL(webhookUrl), 2);
const none = (): Met => ({ sent: 0, lost: 0, slowest: 0, wall: 0, problems: [] });
const nothing = (): Meeting => ({ kept: none(), fresh: none(), again: none(), probes: none() });
let met = nothing();

const agents = {
  kept: new Agent({ keepAlive: true, rejectUnauthorized: false }),
  fresh: new Agent({ keepAlive: false, rejectUnauthorized: false }),
};
const recorded = new URL('../../testdata/pods/classic-two-containers.json', import.meta.url);
const recordedReview = JSON.parse(readFileSync(recorded, 'utf8'));
const ordinary = Buffer.from(JSON.stringify(recordedReview));
recordedReview.request.object.metadata.annotations.more = 'x'.repeat(40_000);
/** This one takes room of the part for large bodies. */
const larger = Buffer.from(JSON.stringify(recordedReview));
const serverTime = clockOf(server);
// It must not be this process that is late.
setPriority(-20);
/** By the wall, and so only for what never comes. */
const timeout = 60_000;

/** Of connections that have been answered once, and are asked again a while later. */
const second: Agent[] = [];
const nextAgent = () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  second.push(agent);
  return agent;
};

const requests = {
  kept: () => review('kept', agents.kept),
  // Every tenth connection is one that is kept.
  fresh: () => review('fresh', met.fresh.sent % 10 === 0 ? nextAgent() : agents.fresh),
  again: () => review('again', second.shift() ?? nextAgent()),
  probes: () => httpRequest(new URL('/livez', metrics), { agent: false, timeout }),
};

function review(kind: 'kept' | 'fresh' | 'again', agent: Agent): ClientRequest {
  const body = met[kind].sent % 4 === 0 ? larger : ordinary;
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const request = httpsRequest(webhook, { agent, method: 'POST', headers, timeout });
  request.write(body);
  return request;
}

const isRight = (kind: keyof Meeting, answer: string) =>
  kind === 'probes' ? answer === 'ok\n' : answer.includes('"patchType":"JSONPatch"');

function ask(kind: keyof Meeting): Promise<void> {
  const mine = met[kind];
  mine.sent++;
  const started = serverTime();
  const startedWall = performance.now();
  return new Promise((resolve) => {
    const end = (problem?: string) => {
      mine.slowest = Math.max(mine.slowest, serverTime() - started);
      mine.wall = Math.max(mine.wall, performance.now() - startedWall);
      if (problem) mine.lost++;
      if (problem && mine.problems.length < 5) mine.problems.push(problem);
      resolve();
    };
    const request = requests[kind]();
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => end(error.message));
    request.on('response', (response) => {
      let answer = '';
      response.on('data', (chunk) => {
        answer += chunk;
      });
      response.on('error', (error) => end(error.message));
      response.on('end', () =>
        end(isRight(kind, answer) ? undefined : `${response.statusCode}: ${answer.slice(0, 99)}`),
      );
    });
    request.end();
  });
}

const underway = new Set<Promise<void>>();
/** Each in milliseconds of the server's time. */
const due = { kept: 0, fresh: 50, again: 500, probes: 0 };
const pauses = { kept: 100, fresh: 100, again: 1000, probes: 500 };
const start = serverTime();
const timer = setInterval(() => {
  const now = serverTime() - start;
  for (const kind of ['kept', 'fresh', 'again', 'probes'] as const) {
    if (now < due[kind]) continue;
    due[kind] = Math.max(now, due[kind] + pauses[kind]);
    const one = ask(kind).finally(() => underway.delete(one));
    underway.add(one);
  }
}, 10);
stdin.on('data', () => {
  met = nothing();
});
stdin.on('end', async () => {
  clearInterval(timer);
  await Promise.all(underway);
  stdout.write(JSON.stringify(met), () => process.exit());
});
