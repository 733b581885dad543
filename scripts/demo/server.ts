/** The real server as a process of its own, and a client that calls it as the API server does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Answer, Review } from './review.ts';

export type Server = { url: string; ca: string; stop: () => void };

const bundle = join(import.meta.dirname, '../../dist/clockout.mjs');

/** On loopback and on free ports, so that the demo gets in nobody's way. */
export async function startServer(folder: string): Promise<Server> {
  const caFile = join(folder, 'ca.pem');
  const child = spawn(process.execPath, [bundle, 'serve'], {
    env: {
      ...withoutClockout(process.env),
      CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
      CLOCKOUT_LISTEN_PORT: '0',
      CLOCKOUT_METRICS_LISTEN_PORT: '0',
      CLOCKOUT_TLS_CA_OUT: caFile,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await webhookUrl(child);
  return { url, ca: readFileSync(caFile, 'utf8'), stop: () => child.kill('SIGINT') };
}

const withoutClockout = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CLOCKOUT_')));

/** The first line of the log that says where it serves. */
async function webhookUrl({ stdout }: ChildProcess): Promise<string> {
  if (stdout) {
    for await (const line of createInterface(stdout)) {
      const { webhook } = JSON.parse(line);
      if (webhook) {
        stdout.resume();
        return webhook;
      }
    }
  }
  throw new Error('the server ended before it served; its reason is above');
}

export function askServer({ url, ca }: Server, review: Review): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method: 'POST', ca, headers: { 'content-type': 'application/json' } },
      async (answer) => {
        const chunks = await answer.setEncoding('utf8').toArray();
        const text = chunks.join('');
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`expected status 200 from ${url}, found ${answer.statusCode}: ${text}`));
      },
    );
    call.on('error', reject).end(JSON.stringify(review));
  });
}
