/** A build's server, in a memory cgroup of its own, on ports of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { makeCgroup } from './memory-cgroup.ts';
import { noRegistry } from './no-registry.ts';

/** The chart's `resources.limits.memory`. */
export const limitMebibytes = 192;

export type Target = {
  webhook: URL;
  metrics: URL;
  pid: number;
  /** What became of it: it lives, and was not ended for want of memory. */
  state: () => { lives: boolean; oomKills: number };
  /** In MiB, with what sockets hold; 0 where the kernel does not say. */
  peak: () => number;
  stop: () => Promise<void>;
};

/** @param build path of `clockout.mjs` */
export async function startTarget(build: string): Promise<Target> {
  const cgroup = makeCgroup('attacked', limitMebibytes * 1024 * 1024);
  const flags = ['serve', '--listen-address', '127.0.0.1', '--listen-port', '0', '--metrics-listen-port', '0'];
  const enter = 'echo $$ > "$1"; shift; exec "$@"';
  // Before attackers and whatever else runs here, and behind its good client.
  const server = spawn(
    'nice',
    ['-n', '-15', 'sh', '-c', enter, 'sh', cgroup.procs, process.execPath, build, ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, CLOCKOUT_LOG_LEVEL: 'info', ...noRegistry },
    },
  );
  const lines = createInterface({ input: server.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { webhook, metrics, pid } = JSON.parse(line) as { webhook: string; metrics: string; pid: number };
  return {
    webhook: new URL(webhook),
    metrics: new URL(metrics),
    pid,
    state: () => ({ lives: server.exitCode === null && server.signalCode === null, oomKills: cgroup.oomKills() }),
    peak: () => Math.round((cgroup.peak() ?? 0) / 1024 / 1024),
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        // In a cgroup, the server restarts itself as another process.
        if (pid !== server.pid) process.kill(pid, 'SIGKILL');
        server.kill('SIGKILL');
        await once(server, 'exit');
      }
      await cgroup.remove();
    },
  };
}
