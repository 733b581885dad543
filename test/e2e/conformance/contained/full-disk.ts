/** Where the state volume is full, as on a node whose disk is, each code counts and each pod ends. */
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import type { Pod } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, runsAfter, sh } from './lab.ts';

const fill = 'cat /dev/zero >/clockout-own/fill 2>/dev/null; cat /dev/zero >/clockout-own/more 2>/dev/null';

/** A pod whose state volume holds 64 KiB; runs what fills it. */
async function onSmallVolume(lab: Lab, wrapped: string, what: (pod: Pod) => Promise<void>): Promise<void> {
  const pod = await lab.pod(wrapped);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=777', 'state', pod.state]);
  try {
    expect(await pod.init(wrapped)).toEqual({ code: 0, stdout: '', stderr: '' });
    await what(pod);
  } finally {
    execFileSync('umount', ['--lazy', pod.state]);
  }
}

const policies = [
  ['Never', 'any:3600'],
  ['OnFailure', 'zero:0'],
] as const;

const filledByApp: Case<ContainedPlace>[] = policies.flatMap(([policy, rule]) => [
  contained({
    name: `full-disk-${policy.toLowerCase()}`,
    title: `The app fills the disk and exits with 0; ${policy}: the proxy ends`,
    run: (lab) =>
      onSmallVolume(lab, `app:${rule}`, async (pod) => {
        const { port, run } = await lab.agent(pod);
        expect((await pod.wrapper({ port }, sh(`${fill}; exit 0`)).exit).code).toBe(0);
        expect((await run.exit).code).toBe(0);
      }),
  }),
  contained({
    name: `full-disk-two-${policy.toLowerCase()}`,
    title: `Of two containers one fills the disk, exits with 0, and the other later; ${policy}: the proxy ends with the second`,
    run: (lab) =>
      onSmallVolume(lab, `app:${rule},other:${rule}`, async (pod) => {
        const { port, run } = await lab.agent(pod);
        const other = pod.wrapper({ port, name: 'other' }, sh('echo up; read x; exit 0'), { stdin: 'pipe' });
        await other.printed('up');
        expect((await pod.wrapper({ port }, sh(`${fill}; exit 0`)).exit).code).toBe(0);
        expect(await runsAfter(run, 1500)).toBe(true);
        other.stdin('\n');
        expect((await other.exit).code).toBe(0);
        expect((await run.exit).code).toBe(0);
      }),
  }),
  contained({
    name: `full-disk-killed-${policy.toLowerCase()}`,
    title: `The app fills the disk and is killed with its wrapper; ${policy}: ${policy === 'Never' ? 'the proxy ends' : 'it stays for the retry, and ends with that'}`,
    run: (lab) =>
      onSmallVolume(lab, `app:${rule}`, async (pod) => {
        const { port, run } = await lab.agent(pod);
        const app = pod.wrapper({ port }, sh(`${fill}; echo up; sleep 60`));
        await app.printed('up');
        app.signal('SIGKILL');
        await app.exit;
        expect(await runsAfter(run, policy === 'Never' ? 10_000 : 2500)).toBe(policy !== 'Never');
        if (policy === 'Never') return;
        expect((await pod.wrapper({ port }, sh('exit 0')).exit).code).toBe(0);
        expect((await run.exit).code).toBe(0);
      }),
  }),
  contained({
    name: `full-disk-failed-${policy.toLowerCase()}`,
    title: `The app fills the disk and exits with 7; ${policy}: ${policy === 'Never' ? 'the proxy ends' : 'the proxy stays'}`,
    run: (lab) =>
      onSmallVolume(lab, `app:${rule}`, async (pod) => {
        const { port, run } = await lab.agent(pod);
        expect((await pod.wrapper({ port }, sh(`${fill}; exit 7`)).exit).code).toBe(7);
        expect(await runsAfter(run, policy === 'Never' ? 10_000 : 2000)).toBe(policy !== 'Never');
      }),
  }),
]);

export const fullDisk: Case<ContainedPlace>[] = [
  ...filledByApp,
  contained({
    name: 'full-disk-from-the-start',
    title:
      'No space is left for the steps: the init container fails with a log line, and leaves no step that looks done',
    run: async (lab) => {
      const pod = await lab.pod();
      // A file takes 4 KiB, and there are eight.
      for (const size of [4, 8, 16, 20, 28]) {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k,mode=777`, 'state', pod.state]);
        try {
          const { code, stderr } = await pod.init('app:any:3600');
          expect([size, code, stderr]).toEqual([size, 1, expect.stringContaining('CLOCKOUT: no space in the volume')]);
        } finally {
          execFileSync('umount', ['--lazy', pod.state]);
        }
      }
      return 'exit code 1, and a line with the cause';
    },
  }),
];
