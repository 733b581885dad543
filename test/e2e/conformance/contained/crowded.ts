/** Where no more processes may be started, as in a pod at its limit, nothing goes wrong for it. */
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expect, vi } from 'vitest';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, processesBeside, proxyUser, runsAfter, sh, wrapperLine } from './lab.ts';

export const crowded: Case<ContainedPlace>[] = [
  contained({
    name: 'crowded-app',
    title: 'An app that exits while its children use up all processes of its container: its exit code counts',
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const app = 'for (1 .. 100) { last unless defined($pid = fork); if (!$pid) { sleep 3; exit } } exit 3';
      const limited = `exec prlimit --nproc=20 ${wrapperLine(proxy.port, 2)} /usr/bin/perl -e '${app}'`;
      expect((await pod.run(sh(limited), { uid: 54_321 }).exit).code).toBe(3);
    },
  }),
  contained({
    name: 'crowded-pod',
    title:
      'A guard that cannot start processes for some time, as in a pod at its limit, ends no proxy that an app needs',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:any:3600');
      const { port, run } = await lab.agent(pod);
      const app = pod.wrapper({ port }, sh('echo up; sleep 60'));
      const other = pod.wrapper({ port, name: 'other' }, sh('echo up; sleep 60'));
      await Promise.all([app.printed('up'), other.printed('up')]);
      // Before that, the guard itself starts processes: one for each container that it watches.
      await vi.waitFor(() => expect(listWatched(processesBeside(run.pid()))).toEqual(['app', 'other']), 60_000);
      limitProcesses(processesBeside(run.pid()), 0);
      expect(await runsAfter(run, 2500)).toBe(true);
      limitProcesses(processesBeside(run.pid()), 10_000);
      app.signal('SIGKILL');
      expect(await runsAfter(run, 3000)).toBe(true);
      other.signal('SIGKILL');
      expect((await run.exit).code).toBe(0);
    },
  }),
];

/** @returns the names of the containers that these processes of a guard watch */
const listWatched = (pids: string[]): string[] =>
  pids
    .flatMap((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/fd/0`)
            .match(/([^/]+)\/alive$/)
            ?.slice(1) ?? []
        );
      } catch {
        return []; // gone meanwhile
      }
    })
    .toSorted();

/** How many processes their user may have before these can start no more. Without CAP_SYS_RESOURCE only that user may say. */
function limitProcesses(pids: string[], most: number): void {
  const user = { uid: proxyUser, gid: proxyUser };
  // One may be gone meanwhile.
  for (const pid of pids) spawnSync('prlimit', ['--pid', pid, `--nproc=${most}:`], user);
}
