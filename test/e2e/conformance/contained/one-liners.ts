/**
 * What people write into a Job's command to end its proxy, and what goes wrong with each; with the app's plain command
 * under the wrapper, the same goes right. The app cleans up for a while on TERM, and ends with 7 then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { closedPort } from '../../../wrapper/proxy.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, sh, timed } from './lab.ts';

const app = 'trap "sleep 0.5; echo cleaned up; exit 7" TERM; echo up; while :; do sleep 0.05; done';

/** The app gets TERM; what became of it. */
async function terminated(lab: Lab): Promise<{ code: number; stdout: string; seconds: number; quits: number[] }> {
  const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
  const run = pod.wrapper({ port: proxy.port }, sh(app));
  await run.printed('up');
  run.signal('SIGTERM');
  const early = sleep(300).then(() => proxy.quits());
  const [{ code, stdout }, seconds] = await timed(run.exit);
  return { code, stdout, seconds, quits: [await early, proxy.quits()] };
}

export const oneLiners: Case<ContainedPlace>[] = [
  contained({
    name: 'app-and-quit',
    title: '`app && curl …/quitquitquit`: an app that fails leaves its proxy running',
    origins: ['CrunchyData/postgres-operator#2945', 'linkerd/website#1093'],
    run: async (lab) => {
      const pod = await lab.pod();
      const { port, run } = await lab.agent(pod, {}, false);
      expect((await pod.wrapper({ port }, sh('exit 5')).exit).code).toBe(5);
      expect((await run.exit).code).toBe(0);
      return 'exit code 5, and the proxy ends';
    },
  }),
  contained({
    name: 'app-then-quit',
    title: '`app; curl …/quitquitquit`: the container ends with the code of curl',
    origins: ['istio/istio#6324'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      expect((await pod.wrapper({ port: proxy.port }, sh('exit 5')).exit).code).toBe(5);
      proxy.behave({ quit: 503 });
      expect((await pod.wrapper({ port: proxy.port, quit: 1 }, sh('exit 0')).exit).code).toBe(0);
      return "5 where the quit succeeds, 0 where it fails: the app's own";
    },
  }),
  contained({
    name: 'app-then-quit-then-exit',
    title:
      '`app; x=$?; curl … && exit $x`: SIGTERM never reaches the app, because a shell as process 1 has no handler for it',
    origins: ['istio/istio#11659', 'open-policy-agent/gatekeeper#1978'],
    run: async (lab) => {
      const { code, stdout, seconds } = await terminated(lab);
      expect({ code, stdout }).toEqual({ code: 7, stdout: 'up\ncleaned up\n' });
      expect(seconds).toBeLessThan(4);
      return 'the app cleans up, exit code 7';
    },
  }),
  contained({
    name: 'trap-on-exit',
    title: '`trap "curl …" EXIT; …; app`: on SIGTERM the proxy is gone before the app has cleaned up',
    origins: ['istio/istio#11659'],
    run: async (lab) => {
      const { code, quits } = await terminated(lab);
      expect({ code, quits }).toEqual({ code: 7, quits: [0, 1] });
      return 'no quit while the app cleans up, one after it';
    },
  }),
  contained({
    name: 'wait-loop',
    title: '`while ! curl …/healthz/ready; do sleep 1; done`: without a proxy it never ends, not even on SIGTERM',
    origins: ['istio/istio#11659'],
    run: async (lab) => {
      const [pod, port] = await Promise.all([lab.pod(), closedPort()]);
      expect((await pod.wrapper({ port, wait: 1 }, sh('exit 5')).exit).code).toBe(5);
      const run = pod.wrapper({ port, wait: 60 }, sh(app));
      await pod.started();
      run.signal('SIGTERM');
      const [{ code }, seconds] = await timed(run.exit);
      expect(code).toBe(143);
      expect(seconds).toBeLessThan(3);
      return 'it ends after wait-timeout, and at once on SIGTERM';
    },
  }),
  contained({
    name: 'background-and-wait',
    title:
      '`app & trap "kill $!" TERM; wait; curl …`: `wait` ends at the signal, not with the app, whose exit code is lost',
    origins: ['istio/istio#11659'],
    run: async (lab) => {
      const { code, stdout, quits } = await terminated(lab);
      expect({ code, stdout, quits }).toEqual({ code: 7, stdout: 'up\ncleaned up\n', quits: [0, 1] });
      return 'the app cleans up, exit code 7';
    },
  }),
  contained({
    name: 'background-stdin',
    title: '`app & …; wait`: the app reads /dev/null in place of its input',
    run: async (lab) => {
      const pod = await lab.pod();
      const run = pod.wrapper({}, ['cat'], { stdin: 'pipe' });
      run.stdin('input');
      expect((await run.exit).stdout).toBe('input');
    },
  }),
  contained({
    name: 'term-before-the-trap',
    title: '`app & trap …`: a SIGTERM in the first moment is lost',
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      for (let trial = 0; trial < 20; trial++) {
        const run = pod.wrapper({ port: proxy.port }, ['/bin/sleep', '20']);
        await pod.started();
        await sleep(trial);
        run.signal('SIGTERM');
        const [{ code }, seconds] = await timed(run.exit);
        expect({ trial, code, ended: pod.done('app', 'end') }).toEqual({ trial, code: 143, ended: true });
        expect(seconds, `seconds of trial ${trial}`).toBeLessThan(3);
      }
      return '20 of 20, in the first 20 ms';
    },
  }),
  contained({
    name: 'quit-loop',
    title: '`until curl -X POST …/quitquitquit; do sleep 3; done`: without a sidecar it never ends',
    origins: ['https://github.com/OpenC3/cosmos'],
    run: async (lab) => {
      const [pod, port] = await Promise.all([lab.pod(), closedPort()]);
      const [{ code }, seconds] = await timed(pod.wrapper({ port, wait: 0 }, sh('exit 5')).exit);
      expect(code).toBe(5);
      expect(seconds).toBeLessThan(4);
      return 'exit code 5 at once';
    },
  }),
  contained({
    name: 'pkill-pilot-agent',
    title: '`pkill -f pilot-agent`: needs shared processes and the right user, and the proxy may fail the Job',
    origins: ['redboxllc/scuttle#33', 'kvij/scuttle#17', 'hashicorp/consul-k8s#722'],
    run: async (lab) => {
      const pod = await lab.pod();
      const { port, run } = await lab.agent(pod, {}, false);
      expect((await pod.wrapper({ port }, sh('exit 0'), { uid: 65_532, cwd: '/' }).exit).code).toBe(0);
      expect((await run.exit).code).toBe(0);
      return 'an app of another user, processes apart: the proxy ends with 0';
    },
  }),
  contained({
    name: 'pre-stop-hook',
    title: 'A preStop hook that asks the proxy to exit never runs if the app exits by itself',
    run: async (lab) => {
      const pod = await lab.pod();
      const { port, run } = await lab.agent(pod);
      expect((await pod.wrapper({ port }, sh('exit 0')).exit).code).toBe(0);
      expect((await run.exit).stdout).toContain('took the quit');
      return 'no hook needed';
    },
  }),
];
