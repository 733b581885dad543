/** The parts of CI. To add a part, add a line. */
import { runners } from '../conformance-runners.ts';

export type Part = {
  /** As in `bash .ci/run NAME`. */
  name: string;
  /** A program and its arguments. */
  command: string[];
  /** The most that it may take, with FULL=1 and on a busy machine: after that it hangs. */
  minutes: number;
  /** It runs vitest, which takes more arguments, and its tests are counted. Anything else counts as one test. */
  vitest?: true;
  /** What it needs that not every machine has. CI leaves it out if that is missing. */
  needs?: Need;
  /** Runs its cross-section unless FULL=1: the rest does not count as skipped. */
  crossSection?: true;
  /** The lanes run beside each other, after the parts without one: those of one mostly wait, those of the other compute. */
  lane?: 'waiting' | 'computing';
  /** Its tests run on the cluster or under load: one that runs out of time gets a second try, alone. */
  retries?: true;
};

export type Need = 'x64' | 'root' | 'cgroup' | 'go' | 'cluster' | 'full';

const npm = (script: string, ...args: string[]): string[] => ['npm', 'run', '--silent', script, '--', ...args];
const wrapper = (busybox: string): Part => ({
  name: `wrapper-${busybox}`,
  command: npm('test:wrapper', '--only', busybox),
  minutes: 40,
  vitest: true,
  needs: 'root',
  lane: 'waiting',
});

/** In the order in which they run, those with a lane last. */
export const parts: Part[] = [
  { name: 'format', command: npm('format'), minutes: 5 },
  { name: 'lint', command: npm('lint'), minutes: 5 },
  { name: 'types', command: npm('types'), minutes: 5 },
  { name: 'unused', command: npm('unused'), minutes: 5 },
  { name: 'unit', command: npm('test'), minutes: 20, vitest: true },
  { name: 'demo', command: npm('demo'), minutes: 5, lane: 'computing' },
  // The same inputs on each run, as far as it gets.
  { name: 'fuzz', command: npm('fuzz', '--seconds', '30', '--seed', '1'), minutes: 5, lane: 'computing' },
  { name: 'chart', command: npm('test:chart'), minutes: 20, vitest: true, needs: 'x64', lane: 'computing' },
  { name: 'yaml', command: npm('test:yaml'), minutes: 20, vitest: true, needs: 'go', lane: 'computing' },
  { name: 'policy', command: npm('test:policy'), minutes: 45, vitest: true, needs: 'full', lane: 'computing' },
  { name: 'page', command: npm('test:page'), minutes: 10, vitest: true, needs: 'root', lane: 'computing' },
  { name: 'registry', command: npm('test:registry'), minutes: 20, vitest: true, needs: 'root', lane: 'computing' },
  { name: 'attack', command: npm('test:attack'), minutes: 60, vitest: true, needs: 'cgroup', crossSection: true },
  {
    name: 'alerts',
    command: npm('test:alerts'),
    minutes: 20,
    vitest: true,
    needs: 'root',
    crossSection: true,
    lane: 'waiting',
  },
  wrapper('musl'),
  { ...wrapper('busybox-static'), crossSection: true },
  { ...wrapper('busybox'), crossSection: true },
  {
    name: 'conformance-contained',
    command: runners.contained,
    minutes: 40,
    vitest: true,
    needs: 'root',
    crossSection: true,
    lane: 'waiting',
  },
  {
    name: 'cluster',
    command: npm('test:cluster'),
    minutes: 90,
    vitest: true,
    needs: 'cluster',
    retries: true,
    crossSection: true,
  },
  {
    name: 'conformance',
    command: runners.cluster,
    minutes: 60,
    vitest: true,
    needs: 'cluster',
    retries: true,
    crossSection: true,
  },
];

/** Before and after the parts that need the cluster. */
export const bringUp: Part[] = [
  { name: 'cluster-build', command: npm('cluster', 'build'), minutes: 120, needs: 'cluster' },
  { name: 'cluster-up', command: npm('cluster', 'up'), minutes: 15, needs: 'cluster' },
];
export const takeDown: Part = { name: 'cluster-down', command: npm('cluster', 'down'), minutes: 10, needs: 'cluster' };

/**
 * Chooses the parts to run, in their order.
 * @param names of some parts; without names, all parts
 * @returns also the names that no part has
 */
export function choose(names: string[]): { chosen: Part[]; unknown: string[] } {
  const unknown = names.filter((name) => parts.every((part) => part.name !== name));
  return { chosen: parts.filter(({ name }) => names.length === 0 || names.includes(name)), unknown };
}
