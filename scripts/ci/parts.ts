/** What CI is made of. To add a part, add a line. */
import { runners } from '../conformance-runners.ts';

export type Part = {
  /** What it is called by: `bash .ci/run NAME`. */
  name: string;
  /** A program and its arguments. */
  command: string[];
  /** It is vitest that runs, which takes further arguments, and whose tests are counted. Anything else counts as one test. */
  vitest?: true;
  /** What it needs that not every machine has: it is left out where that is missing. */
  needs?: Need;
  /** Runs its cross-section unless FULL=1: what it leaves out was not skipped. */
  crossSection?: true;
  /** Its tests run on the cluster or under load: one that ran out of time gets a second try, alone. */
  retries?: true;
};

export type Need = 'x64' | 'root' | 'cgroup' | 'cluster';

const npm = (script: string, ...args: string[]): string[] => ['npm', 'run', '--silent', script, '--', ...args];
const wrapper = (busybox: string): Part => ({
  name: `wrapper-${busybox}`,
  command: npm('test:wrapper', '--only', busybox),
  vitest: true,
  needs: 'root',
});

/** In the order in which they run. */
export const parts: Part[] = [
  { name: 'format', command: npm('format') },
  { name: 'lint', command: npm('lint') },
  { name: 'types', command: npm('types') },
  { name: 'unused', command: npm('unused') },
  { name: 'unit', command: npm('test'), vitest: true },
  { name: 'demo', command: npm('demo') },
  { name: 'chart', command: npm('test:chart'), vitest: true, needs: 'x64' },
  { name: 'registry', command: npm('test:registry'), vitest: true, needs: 'root' },
  { name: 'attack', command: npm('test:attack'), vitest: true, needs: 'cgroup', crossSection: true },
  wrapper('musl'),
  { ...wrapper('busybox-static'), crossSection: true },
  { ...wrapper('busybox'), crossSection: true },
  { name: 'conformance-contained', command: runners.contained, vitest: true, needs: 'root', crossSection: true },
  { name: 'cluster', command: npm('test:cluster'), vitest: true, needs: 'cluster', retries: true, crossSection: true },
  {
    name: 'conformance',
    command: runners.cluster,
    vitest: true,
    needs: 'cluster',
    retries: true,
    crossSection: true,
  },
];

/** Around the parts that need the cluster. */
export const bringUp: Part[] = [
  { name: 'cluster-build', command: npm('cluster', 'build'), needs: 'cluster' },
  { name: 'cluster-up', command: npm('cluster', 'up'), needs: 'cluster' },
];
export const takeDown: Part = { name: 'cluster-down', command: npm('cluster', 'down'), needs: 'cluster' };

/**
 * The parts to run, in their order.
 * @param names of some; all without any
 * @returns the names that no part has, where there are such
 */
export function choose(names: string[]): { chosen: Part[]; unknown: string[] } {
  const unknown = names.filter((name) => parts.every((part) => part.name !== name));
  return { chosen: parts.filter(({ name }) => names.length === 0 || names.includes(name)), unknown };
}
