/** Headless Chromium, driven by its own protocol: https://chromedevtools.github.io/devtools-protocol */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

type Message = { id?: number; result?: unknown; error?: { message: string }; method?: string; params?: unknown };

export type Browser = {
  send: <T = unknown>(method: string, params?: object) => Promise<T>;
  /** Calls of events, such as `Network.requestWillBeSent`, with what they say. */
  events: { method: string; params: unknown }[];
  close: () => Promise<void>;
};

/** @throws if there is none, with a sentence that says what to do */
export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'clockout-chromium-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(await findChromium(), [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const endpoint = await readEndpoint(child.stderr);
  const targets = (await (await fetch(`http://${new URL(endpoint).host}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? endpoint);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const waiting = new Map<number, (message: Message) => void>();
  const events: Browser['events'] = [];
  socket.addEventListener('message', ({ data }) => {
    const message: Message = JSON.parse(`${data}`);
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    else if (message.method) events.push({ method: message.method, params: message.params });
  });
  let last = 0;
  return {
    events,
    send: <T>(method: string, params: object = {}) => {
      const id = ++last;
      socket.send(JSON.stringify({ id, method, params }));
      return new Promise<T>((resolve, reject) =>
        waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result as T))),
      );
    },
    close: async () => {
      socket.close();
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

// --- internal ---

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const find = () =>
  [
    process.env.CHROMIUM ?? '',
    ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
  ].find((file) => file !== '' && existsSync(file));

/** Installs it where that is possible: as root, with apt-get. */
async function findChromium(): Promise<string> {
  const found = find();
  if (found) return found;
  try {
    await promisify(execFile)('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium']);
  } catch {
    // What matters is whether it is there.
  }
  const installed = find();
  if (installed) return installed;
  throw new Error(
    'this test needs Chromium, and could not install it: install it, or name it with CHROMIUM=/path/to/chromium',
  );
}

async function readEndpoint(stderr: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface(stderr);
  for await (const line of lines) {
    const found = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (found) {
      stderr.resume();
      return found;
    }
  }
  throw new Error('Chromium ended before it listened');
}
