/** Starts a program, and waits until it says where it listens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export type Started = { match: RegExpExecArray; stop: () => Promise<void> };

/** @param ready what it prints when it serves */
export async function start(argv: string[], ready: RegExp, env: NodeJS.ProcessEnv = process.env): Promise<Started> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  try {
    return { match: await readUntil(child, ready, program), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

// --- internal ---

const patience = 60_000;

function readUntil(child: ChildProcess, ready: RegExp, program: string): Promise<RegExpExecArray> {
  let log = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${program} ${why}:\n${log}`));
    const timer = setTimeout(() => fail(`did not start in ${patience / 1000} s`), patience);
    child.on('error', ({ message }) => fail(`could not be started (${message})`));
    child.on('exit', (code) => fail(`ended with code ${code}`));
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log = `${log}${text}`.slice(-20_000);
        const match = ready.exec(log);
        if (!match) return;
        clearTimeout(timer);
        resolve(match);
      });
  });
}
