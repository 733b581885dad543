/** Pods with several containers, with retries, with containers that are killed: the proxy ends with the last, and then. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { program } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, processesBeside, runsAfter, sh, timed } from './lab.ts';

export const pods: Case<ContainedPlace>[] = [
  contained({
    name: 'last-one-out',
    title:
      'Eight containers that end at the same moment: the proxy is asked to exit, but not before the last has ended',
    origins: ['https://github.com/kvij/scuttle'],
    run: async (lab) => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const [pod, proxy] = await Promise.all([lab.pod(names.map((name) => `${name}:any:3600`).join(',')), lab.proxy()]);
      const end = join(pod.folder, 'end');
      const app = sh(`echo up; until [ -e ${end} ]; do :; done; exit 3`);
      const runs = names.map((name) => pod.wrapper({ port: proxy.port, name }, name === 'a' ? sh('exit 4') : app));
      const [first, ...others] = runs;
      await Promise.all([first?.exit, ...others.map((run) => run.printed('up'))]);
      expect(proxy.quits()).toBe(0);
      program(end, '');
      expect((await Promise.all(runs.map(({ exit }) => exit))).map(({ code }) => code)).toEqual([
        4, 3, 3, 3, 3, 3, 3, 3,
      ]);
      expect(proxy.quits()).toBeGreaterThan(0);
    },
  }),
  contained({
    name: 'retry-keeps-the-proxy',
    title: 'Under OnFailure, the proxy continues to run for the retry of a failed app, and ends after the success',
    origins: ['redboxllc/scuttle#13', 'defenseunicorns/uds-core#913', 'kumahq/kuma#1497'],
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0');
      const { port, run } = await lab.agent(pod);
      for (const code of [1, 137, 255]) expect((await pod.wrapper({ port }, sh(`exit ${code}`)).exit).code).toBe(code);
      expect(await runsAfter(run, 1500)).toBe(true);
      expect((await pod.wrapper({ port, late: 'fail' }, sh('exit 0')).exit).code).toBe(0);
      expect((await run.exit).code).toBe(0);
      return 'three failures, then success; the proxy ended with 0';
    },
  }),
  contained({
    name: 'proxy-gone-on-retry',
    title: 'A retry whose proxy never returns waits no longer than `wait-timeout`',
    origins: ['redboxllc/scuttle#13', 'istio/istio#11659'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod('app:zero:0'), lab.proxy()]);
      await pod.wrapper({ port: proxy.port }, sh('exit 1')).exit;
      await proxy.close();
      const [exit, seconds] = await timed(pod.wrapper({ port: proxy.port, wait: 1 }, sh('exit 0')).exit);
      expect(exit.code).toBe(0);
      expect(seconds).toBeLessThan(5);
      return 'it starts after the wait';
    },
  }),
  contained({
    name: 'killed-app',
    title:
      'A container killed together with its wrapper, for example out of memory, ends its proxy under Never, not under OnFailure',
    origins: ['https://github.com/otherguy/k8s-controller-sidecars', 'kubernetes/kubernetes#25908'],
    run: async (lab) => {
      for (const [rule, ends] of [
        ['any', true],
        ['zero', false],
      ] as const) {
        const pod = await lab.pod(`app:${rule}:0`);
        const { port, run } = await lab.agent(pod);
        const app = pod.wrapper({ port }, sh('echo up; sleep 60'));
        await app.printed('up');
        await sleep(1200);
        app.signal('SIGKILL');
        await app.exit;
        expect(await runsAfter(run, ends ? 10_000 : 3000)).toBe(!ends);
      }
    },
  }),
  contained({
    name: 'killed-beside-another',
    title: 'Of two containers one is killed: the proxy lives until the other has ended',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:any:3600');
      const { port, run } = await lab.agent(pod);
      const killed = pod.wrapper({ port }, sh('echo up; sleep 60'));
      const other = pod.wrapper({ port, name: 'other' }, sh('echo up; read x; exit 0'), { stdin: 'pipe' });
      await Promise.all([killed.printed('up'), other.printed('up')]);
      await sleep(1200);
      killed.signal('SIGKILL');
      expect(await runsAfter(run, 2500)).toBe(true);
      other.stdin('\n');
      await other.exit;
      expect((await run.exit).code).toBe(0);
    },
  }),
  contained({
    name: 'proxy-after-the-app',
    title: 'A proxy that starts long after the app has ended is asked to exit',
    origins: ['karlkfi/kubexit#8', 'karlkfi/kubexit#7'],
    run: async (lab) => {
      const pod = await lab.pod();
      expect((await pod.wrapper({ port: 1, wait: 0 }, sh('exit 5')).exit).code).toBe(5);
      const { run } = await lab.agent(pod);
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toMatchObject({ code: 0, stdout: expect.stringContaining('took the quit') });
      expect(seconds).toBeLessThan(5);
    },
  }),
  contained({
    name: 'proxy-ends-with-zero',
    title:
      'A proxy that does not accept the request to exit gets SIGTERM, and exits with 0, so that it cannot fail the Job',
    origins: [
      'karlkfi/kubexit#19',
      'karlkfi/kubexit#12',
      'openkruise/kruise#1285',
      'openkruise/kruise#1366',
      'linkerd/linkerd2#8033',
    ],
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0');
      const { port, run } = await lab.agent(pod, { quit: 'hang' });
      await pod.wrapper({ port, quit: 1 }, sh('exit 0')).exit;
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toMatchObject({ code: 0, stdout: expect.stringContaining('got TERM') });
      expect(seconds).toBeLessThan(15);
      return 'SIGTERM after 10 s';
    },
  }),
  contained({
    name: 'no-zombies-in-the-proxy',
    title: "The guard leaves no dead processes in the proxy's container, where nothing would reap them",
    run: async (lab) => {
      const pod = await lab.pod();
      const { port, run } = await lab.agent(pod, { quit: 503 });
      await pod.wrapper({ port, quit: 1 }, sh('exit 0')).exit;
      await sleep(3000);
      expect(zombiesOf(run.pid())).toEqual([]);
      return 'none in 3 s of quits that are refused';
    },
  }),
  contained({
    name: 'users-and-umask',
    title: 'Wrappers and guard of different users, under umask 077, read what the others write',
    run: async (lab) => {
      const pod = await lab.pod('app:any:0,other:any:0');
      const { port, run } = await lab.agent(pod);
      const settings = { umask: '077', cwd: '/' };
      await pod.wrapper({ port }, sh('exit 0'), { ...settings, uid: 1234 }).exit;
      await pod.wrapper({ port, name: 'other' }, sh('exit 0'), { ...settings, uid: 5678 }).exit;
      expect((await run.exit).stdout).toContain('took the quit');
    },
  }),
  contained({
    name: 'becomes-the-app',
    title: 'Beside a native sidecar, the wrapper becomes the app, and sends the proxy no request',
    origins: ['defenseunicorns/uds-core#536'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      await pod.init('app:any:0', String(proxy.port));
      const exit = await pod.wrapper({ port: proxy.port }, sh('echo $$; exit 6')).exit;
      expect(exit).toEqual({ code: 6, stdout: '1\n', stderr: '' });
      expect(proxy.requests.map(({ method }) => method)).toEqual(['GET']);
      return 'the app is process 1';
    },
  }),
];

/** The dead whose parent is that process. */
const zombiesOf = (pid: number): string[] =>
  processesBeside(pid).filter((entry) => {
    try {
      return readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.startsWith(`Z ${pid} `);
    } catch {
      return false;
    }
  });
