/** Where contained cases run: pods whose containers are process namespaces, beside stand-ins for istio-proxy. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePod, type Pod, type Run } from '../../../wrapper/pod.ts';
import { type StandIn, startProxy } from '../../../wrapper/proxy.ts';
import type { Case } from '../case.ts';

/** Each case makes its own. */
export type ContainedPlace = object;

/** A stand-in for pilot-agent as process 1 of istio-proxy's container. */
type Agent = { port: number; run: Run; log: () => string };

export type Lab = {
  /** A pod whose init container has run. @param wrapped what init.sh says of WRAPPED */
  pod: (wrapped?: string, options?: PodOptions) => Promise<Pod>;
  /** A status port outside of the pod, which notes what it is asked. */
  proxy: (behaviour?: Parameters<typeof startProxy>[0]) => Promise<StandIn>;
  /** A port on which `serve` has each connection. */
  server: (serve: (socket: Socket) => void) => Promise<number>;
  /** istio-proxy's container, with the guard started by its hook unless told. */
  agent: (pod: Pod, behaviour?: object, guard?: boolean) => Promise<Agent>;
  /** The hook of a sidecar of Istio's that was started without. */
  guard: (agent: Agent, options?: string[]) => void;
  /** Another sidecar, which prints `up` when it is, with a guard that ends it by SIGTERM. */
  sidecar: (pod: Pod, name: string, argv: string[], users: { sidecar: number; guard: number }) => Promise<Run>;
};

/** `user`: of the init container; `guards`: the containers with a guard. */
type PodOptions = { user?: number; guards?: string };

type ContainedCase = Omit<Case<ContainedPlace>, 'run'> & { run: (lab: Lab) => ReturnType<Case<ContainedPlace>['run']> };

/** Makes a case of what happens in a lab, which is cleared afterwards, however it ends. */
export const contained = (options: ContainedCase): Case<ContainedPlace> => ({
  ...options,
  run: async () => {
    const { lab, clear } = openLab();
    try {
      return await options.run(lab);
    } finally {
      await clear();
    }
  },
});

/** A container's command: a script for the image's shell. */
export const sh = (script: string): string[] => ['/bin/sh', '-c', script];

/** The wrapper's command line, for containers in which something else comes before it. Its app's argv follows. */
export const wrapperLine = (port: number, seconds: number): string =>
  `/clockout/busybox sh /clockout/run name=app port=${port} wait=${seconds} late=start quit=${seconds} delay=0 urls= guard=yes --`;

/** Whether it still runs after so many milliseconds. */
export const runsAfter = (run: Run, ms: number): Promise<boolean> =>
  Promise.race([run.exit.then(() => false), sleep(ms, true)]);

/** How long something took, in seconds, with its result. */
export async function timed<T>(what: Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  const result = await what;
  return [result, (performance.now() - began) / 1000];
}

// Istio's: https://github.com/istio/istio/blob/1.27.0/tools/istio-iptables/pkg/constants/constants.go (DefaultProxyUID)
export const proxyUser = 1337;

function openLab(): { lab: Lab; clear: () => Promise<void> } {
  const ends: (() => unknown)[] = [];
  const watched = (run: Run): Run => {
    ends.push(() => {
      run.kill();
      return run.exit;
    });
    return run;
  };

  const pod: Lab['pod'] = async (wrapped = 'app:any:3600', { user = 0, guards = 'istio-proxy' } = {}) => {
    const made = makePod('contained');
    ends.push(() => made.remove());
    const { code, stderr } = await made.init(wrapped, '-', { uid: user }, 'native', guards);
    if (code !== 0) throw new Error(`the init container ended with ${code}: ${stderr}`);
    return {
      ...made,
      run: (...args) => watched(made.run(...args)),
      wrapper: (...args) => watched(made.wrapper(...args)),
    };
  };

  const proxy: Lab['proxy'] = async (behaviour) => {
    const made = await startProxy(behaviour);
    ends.push(() => made.close());
    return made;
  };

  const server: Lab['server'] = async (serve) => {
    const sockets = new Set<Socket>();
    const made = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      serve(socket);
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      made.close();
    });
    return (made.address() as AddressInfo).port;
  };

  const agent: Lab['agent'] = async (pod, behaviour = {}, guard = true) => {
    const { port, close } = await startProxy();
    await close();
    const script = join(import.meta.dirname, '../../wrapper/pilot-agent.ts');
    const argv = [process.execPath, script, 'proxy', String(port), JSON.stringify(behaviour)];
    // A pipe of another user's could not be opened by the guard.
    const file = join(pod.folder, 'istio-proxy.log');
    writeFileSync(file, '');
    chmodSync(file, 0o666);
    const run = pod.run(argv, { uid: proxyUser, container: 'istio-proxy', guarded: true, log: file });
    await run.printed('up');
    const made = { port, run, log: () => readFileSync(file, 'utf8') };
    if (guard) startGuardOf(made);
    return made;
  };

  const startGuardOf: Lab['guard'] = ({ port, run }, options = []) =>
    startGuard(run.pid(), proxyUser, [
      'me=istio-proxy',
      `tell=http://127.0.0.1:${port}/quitquitquit`,
      'term=10',
      ...options,
    ]);

  const sidecar: Lab['sidecar'] = async (pod, name, argv, users) => {
    const run = pod.run(argv, { uid: users.sidecar, container: name, guarded: true });
    await run.printed('up');
    startGuard(run.pid(), users.guard, [`me=${name}`, 'tell=', 'term=-1']);
    return run;
  };

  const clear = async () => {
    // What was made last may still use what was made before.
    for (const end of ends.reverse()) await end();
  };
  return { lab: { pod, proxy, server, agent, guard: startGuardOf, sidecar }, clear };
}

/** As the kubelet runs a postStart hook: a new process in the container's namespaces. */
function startGuard(target: number, uid: number, own: string[]): void {
  const enter = ['--target', String(target), '--mount', '--pid', '--root', '--wd=/'];
  const user = [`--setuid=${uid}`, `--setgid=${uid}`];
  const options = [...own, 'to=-1,1', 'quit=5', 'delay=0', 'urls='];
  const guard = ['/clockout/busybox', 'sh', '/clockout/guard', ...options, '--'];
  const clean = ['/usr/bin/env', '-i', 'PATH=/usr/bin:/bin'];
  execFileSync('nsenter', [...enter, ...user, '--', ...clean, ...guard], { timeout: 5000 });
}

/** CPU that the processes beside that one and their children have used, in ticks of a hundredth of a second. */
export function ticksBeside(pid: number): number {
  const ticks = processesBeside(pid).map((entry) => {
    try {
      // utime, stime, and those of its children: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
      const fields = readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    } catch {
      return 0; // gone meanwhile
    }
  });
  return ticks.reduce((sum, each) => sum + each, 0);
}

/** The other processes of the PID namespace of that one. */
export function processesBeside(pid: number): string[] {
  const namespace = readlinkSync(`/proc/${pid}/ns/pid`);
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && entry !== String(pid) && readlinkSync(`/proc/${entry}/ns/pid`) === namespace;
    } catch {
      return false; // gone meanwhile
    }
  });
}
