/** A memory cgroup of one server, as a container has it: version 2 where it is there, else version 1. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

type MemoryCgroup = {
  /** Where a process writes its id to be in it. */
  procs: string;
  /** How often the kernel has ended a process for want of memory. */
  oomKills: () => number;
  /** Most that was in use, with what sockets hold, in bytes; undefined where the kernel does not say. */
  peak: () => number | undefined;
  remove: () => Promise<void>;
};

const root = '/sys/fs/cgroup';

/** @returns why there can be none, as a sentence; undefined if there can */
export function cgroupProblem(): string | undefined {
  if (process.platform !== 'linux') return 'The attacks need memory cgroups, and this is not Linux.';
  if (process.getuid?.() !== 0) return 'The attacks need memory cgroups, which only root can make; run them as root.';
  if (!parent()) return `The attacks need the memory controller of cgroups in ${root}, of version 1 or 2.`;
  try {
    const probe = join(`${parent()}`, `clockout-probe-${process.pid}`);
    mkdirSync(probe);
    rmdirSync(probe);
    return undefined;
  } catch (error) {
    return `The attacks need memory cgroups, and none can be made in ${parent()} (${(error as NodeJS.ErrnoException).code}).`;
  }
}

export function makeCgroup(name: string, bytes: number): MemoryCgroup {
  const path = join(`${parent()}`, `clockout-${name}-${process.pid}`);
  mkdirSync(path);
  const file = (of: string) => join(path, of);
  const isV2 = existsSync(file('memory.max'));
  writeFileSync(file(isV2 ? 'memory.max' : 'memory.limit_in_bytes'), `${bytes}`);
  // Without swap, as the kubelet runs containers.
  const swap = file(isV2 ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes');
  if (existsSync(swap)) writeFileSync(swap, isV2 ? '0' : `${bytes}`);
  const events = file(isV2 ? 'memory.events' : 'memory.oom_control');
  const peak = file(isV2 ? 'memory.peak' : 'memory.max_usage_in_bytes');
  // Version 2 counts what sockets hold in the same sum; version 1 counts it apart, and only where there is a limit.
  const sockets = file('memory.kmem.tcp.max_usage_in_bytes');
  if (!isV2 && existsSync(sockets)) writeFileSync(file('memory.kmem.tcp.limit_in_bytes'), `${64 * bytes}`);
  const numberIn = (path: string) => (existsSync(path) ? Number(readFileSync(path, 'utf8')) : undefined);
  return {
    procs: file('cgroup.procs'),
    oomKills: () => Number(/^oom_kill (\d+)/m.exec(readFileSync(events, 'utf8'))?.[1]),
    peak: () => {
      const own = numberIn(peak);
      return own === undefined ? undefined : own + (numberIn(sockets) ?? 0);
    },
    remove: async () => {
      // The kernel takes a moment to see that the last process has gone.
      for (let i = 0; readFileSync(file('cgroup.procs'), 'utf8') !== '' && i < 100; i++) await sleep(50);
      rmdirSync(path);
    },
  };
}

// --- internal ---

const parent = () =>
  [root, join(root, 'unified'), join(root, 'memory')].find(
    (path) =>
      existsSync(join(path, 'memory.usage_in_bytes')) ||
      (existsSync(join(path, 'cgroup.subtree_control')) &&
        readFileSync(join(path, 'cgroup.subtree_control'), 'utf8').split(/\s/).includes('memory')),
  );
