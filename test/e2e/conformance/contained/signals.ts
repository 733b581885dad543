/** What is sent to the container reaches the app, at any time, and the proxy lives until the app has really ended. */
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { closedPort } from '../../../wrapper/proxy.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, sh, timed } from './lab.ts';

/** An app that says which signals it got, and ends with 9 after the second. A shell's `trap` leaves alone what it finds ignored. */
const listener = (...names: string[]): string[] => {
  const handlers = names.map((name) => `$SIG{${name}} = sub { print "${name}\\n"; $n++ };`);
  return [
    '/usr/bin/perl',
    '-e',
    `$| = 1; $n = 0; ${handlers.join(' ')} print "up\\n"; select undef, undef, undef, 0.02 while $n < 2; exit 9`,
  ];
};

const cleanUp = 'trap "echo cleaning; sleep 0.7; exit 7" TERM; echo up; while :; do sleep 0.05; done';

/** What a pod or an image may name as its stop signal; 37 is SIGRTMIN+3, which means shutdown to systemd. */
const stopSignals = [
  ['ABRT', 'SIGABRT'],
  ['ALRM', 'SIGALRM'],
  ['PWR', 'SIGPWR'],
  ['NUM37', 37],
] as const;

export const signals: Case<ContainedPlace>[] = [
  ...stopSignals.flatMap(([name, signal]) => [
    contained({
      name: `stop-signal-${name.toLowerCase()}`,
      title: `${name === 'NUM37' ? 'SIGRTMIN+3' : signal}, as a stop signal, reaches an app that handles it`,
      origins: ['kubernetes/enhancements#5122'],
      run: async (lab) => {
        const pod = await lab.pod();
        const run = pod.wrapper({}, listener(name));
        await run.printed('up');
        run.signal(signal);
        await run.printed(name);
        run.signal(signal);
        expect(await run.exit).toEqual({ code: 9, stdout: `up\n${name}\n${name}\n`, stderr: '' });
      },
    }),
    contained({
      name: `stop-signal-${name.toLowerCase()}-before-the-app`,
      title: `${name === 'NUM37' ? 'SIGRTMIN+3' : signal}, as a stop signal, ends the wait for the proxy`,
      origins: ['kubernetes/enhancements#5122'],
      run: async (lab) => {
        const pod = await lab.pod();
        const stop = name.replace('NUM', '');
        const run = pod.wrapper({ port: await closedPort(), wait: 600, stop }, sh('echo ran'));
        await pod.started();
        run.signal(signal);
        const code = 128 + (typeof signal === 'number' ? signal : constants.signals[signal]);
        expect(await run.exit).toEqual({ code, stdout: '', stderr: '' });
      },
    }),
  ]),
  ...['TERM', 'HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'WINCH'].map((signal) =>
    contained({
      name: `passes-on-${signal.toLowerCase()}`,
      title: `SIG${signal} reaches an app that handles it, the second one too`,
      origins: signal === 'TERM' ? ['https://github.com/linkerd/linkerd-await', 'istio/istio#11659'] : [],
      run: async (lab) => {
        const pod = await lab.pod();
        const run = pod.wrapper({}, listener(signal));
        await run.printed('up');
        run.signal(`SIG${signal}` as NodeJS.Signals);
        await run.printed(signal);
        run.signal(`SIG${signal}` as NodeJS.Signals);
        expect(await run.exit).toEqual({ code: 9, stdout: `up\n${signal}\n${signal}\n`, stderr: '' });
      },
    }),
  ),
  contained({
    name: 'int-and-quit-are-not-ignored',
    title: 'SIGINT and SIGQUIT are not ignored when the app starts: shells can trap them, and children end by them',
    origins: ['apache/airflow#13967', 'docker/for-mac#3703', 'docker-library/openjdk#76'],
    run: async (lab) => {
      const pod = await lab.pod();
      for (const [signal, code] of [
        ['INT', 130],
        ['QUIT', 131],
      ] as const) {
        const app = sh(`ulimit -c 0; kill -${signal} $$; echo ignored; exit 5`);
        expect(await pod.wrapper({}, app).exit).toEqual({ code, stdout: '', stderr: '' });
        const trapped = sh(`trap 'echo trapped; exit 6' ${signal}; echo up; while :; do sleep 0.05; done`);
        const run = pod.wrapper({}, trapped);
        await run.printed('up');
        run.signal(`SIG${signal}`);
        expect(await run.exit).toEqual({ code: 6, stdout: 'up\ntrapped\n', stderr: '' });
      }
      return "the trap's code, or 128 and the signal";
    },
  }),
  contained({
    name: 'own-process-group',
    title: '`kill -- -$$`, `kill 0` and killpg reach the app and its children, and never the wrapper',
    origins: ['krallin/tini#15', 'krallin/tini#44'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      for (const group of ['-- -$$', '0']) {
        const app = `trap : TERM; (trap "echo told; exit" TERM; while :; do sleep 0.05; done) & sleep 0.3; kill ${group}; wait; exit 3`;
        // The app's shell may say that its `sleep` was terminated.
        expect(await pod.wrapper({ port: proxy.port }, sh(app)).exit).toMatchObject({ code: 3, stdout: 'told\n' });
      }
      const killpg = "$SIG{TERM} = sub { $n++ }; kill 'TERM', -$$; kill '-TERM', 0; exit $n + 1";
      expect(await pod.wrapper({ port: proxy.port }, ['/usr/bin/perl', '-e', killpg]).exit).toMatchObject({ code: 3 });
      expect(proxy.quits()).toBe(3);
    },
  }),
  contained({
    name: 'sigurg-is-harmless',
    title: 'SIGURG does no harm before the app starts, and reaches it later, as its own does',
    origins: ['redboxllc/scuttle#44', 'redboxllc/scuttle#46', 'kvij/scuttle#13'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy({ ready: 503 })]);
      const app = 'trap "echo urg" URG; kill -URG $$; echo up; sleep 0.5; exit 4';
      const run = pod.wrapper({ port: proxy.port }, sh(app));
      await pod.started();
      for (let i = 0; i < 20; i++) run.signal('SIGURG');
      proxy.behave({ ready: 200 });
      await run.printed('up');
      for (let i = 0; i < 20; i++) run.signal('SIGURG');
      const { code, stdout, stderr } = await run.exit;
      expect({ code, stderr }).toEqual({ code: 4, stderr: '' });
      expect(stdout).toMatch(/^(urg\n)+up\n(urg\n)*$/);
      expect(proxy.quits()).toBe(1);
    },
  }),
  contained({
    name: 'signals-to-all',
    title: 'An app that stops all other processes, or sends them a signal, ends its container with its own code',
    origins: ['krallin/tini#44'],
    run: async (lab) => {
      const pod = await lab.pod();
      for (const signal of ['STOP', 'PIPE', 'PWR', 'IO', 'XCPU', 'USR1']) {
        const app = [
          '/bin/bash',
          '-c',
          `trap : ${signal === 'STOP' ? 'USR2' : signal}; kill -${signal} -1; sleep 1; exit 6`,
        ];
        expect(await pod.wrapper({}, app).exit).toEqual({ code: 6, stdout: '', stderr: '' });
      }
      return 'exit code 6';
    },
  }),
  contained({
    name: 'signal-before-the-app',
    title: 'SIGTERM while the proxy is not ready: the app never starts, and the proxy is asked to exit',
    origins: ['redboxllc/scuttle#34'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy({ ready: 503 })]);
      const run = pod.wrapper({ port: proxy.port, wait: 60 }, sh('echo ran'));
      await pod.started();
      // A proxy that has never been seen is left to the guard.
      while (proxy.requests.length === 0) await sleep(1);
      run.signal('SIGTERM');
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toEqual({ code: 143, stdout: '', stderr: '' });
      expect(seconds).toBeLessThan(3);
      expect(proxy.quits()).toBe(1);
      return 'exit code 143 at once';
    },
  }),
  contained({
    name: 'term-in-the-wait-for-a-missing-proxy',
    title: 'SIGTERM ends the wait for a missing proxy at once',
    origins: ['istio/istio#11659'],
    run: async (lab) => {
      const pod = await lab.pod();
      const run = pod.wrapper({ port: await closedPort(), wait: 60 }, sh('echo ran'));
      await pod.started();
      run.signal('SIGTERM');
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toEqual({ code: 143, stdout: '', stderr: '' });
      expect(seconds).toBeLessThan(3);
      return 'exit code 143 at once';
    },
  }),
  contained({
    name: 'proxy-lives-while-the-app-cleans-up',
    title:
      "After SIGTERM the proxy is asked to exit when the app has cleaned up, and not before; the exit code is the app's",
    origins: ['istio/istio#11659', 'hashicorp/consul-k8s#536'],
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const run = pod.wrapper({ port: proxy.port }, sh(cleanUp));
      await run.printed('up');
      run.signal('SIGTERM');
      await run.printed('cleaning');
      await sleep(400);
      expect(proxy.quits()).toBe(0);
      expect((await run.exit).code).toBe(7);
      expect(proxy.quits()).toBe(1);
      return "exit code 7, the app's own";
    },
  }),
  contained({
    name: 'app-ignores-term',
    title: 'An app that ignores SIGTERM continues to run, with its proxy',
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const run = pod.wrapper({ port: proxy.port }, sh('trap "" TERM; echo up; sleep 1.5; exit 8'));
      await run.printed('up');
      run.signal('SIGTERM');
      await sleep(700);
      run.signal('SIGTERM');
      expect(proxy.quits()).toBe(0);
      expect(await run.exit).toMatchObject({ code: 8, stderr: '' });
      expect(proxy.quits()).toBe(1);
    },
  }),
  contained({
    name: 'kill-1-from-within',
    title: 'An app whose script ends it by `kill 1`, as if it were process 1, is ended by that',
    run: async (lab) => {
      const pod = await lab.pod();
      const app = 'trap "exit 6" TERM; echo up; (sleep 0.2; kill 1) & while :; do sleep 0.05; done';
      expect(await pod.wrapper({}, sh(app)).exit).toMatchObject({ code: 6, stderr: '' });
    },
  }),
];
