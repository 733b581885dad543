/** The wrapper as PID 1 of a container. */
import { existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeWrapper } from '../../wrapper/behaviour.ts';
import { makePod, type Pod } from '../../wrapper/pod.ts';
import { closedPort, type StandIn, startProxy } from '../../wrapper/proxy.ts';

it('is the busybox to test, not this machine’s', async () => {
  const pod = makePod('contained');
  await pod.init('app:any:0');
  const { stdout } = await pod.run(['/usr/bin/sha256sum', '/clockout/busybox', `${process.env.CLOCKOUT_TEST_BUSYBOX}`])
    .exit;
  const sums = stdout.split('\n').map((line) => line.split(' ')[0]);
  expect(sums).toHaveLength(3);
  expect(sums[0]).toBe(sums[1]);
  pod.remove();
});

describe('as PID 1', () => describeWrapper('contained'));

const sh = (script: string) => ['/bin/sh', '-c', script];
const signals = ['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'WINCH'].map((name) => `SIG${name}` as NodeJS.Signals);
const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** How often each race is run. */
const rounds = process.env.FULL === '1' ? 300 : 50;

/** Runs `count` trials, a few at a time; each gets a place of its own. */
async function trials(count: number, trial: (place: number, i: number) => Promise<void>, places = 5): Promise<void> {
  let next = 0;
  const worker = async (place: number) => {
    while (next < count) await trial(place, next++);
  };
  await Promise.all(Array.from({ length: places }, (_, place) => worker(place)));
}

describe('thoroughly', () => {
  let pod: Pod;
  let proxy: StandIn;
  beforeAll(async () => {
    pod = makePod('contained');
    await pod.init(Array.from({ length: 5 }, (_, place) => `app${place}:any:0`).join(','));
    proxy = await startProxy();
  });
  afterAll(async () => {
    await proxy.close();
    pod.remove();
  });

  // A real death by signal where there is one, else the same code from exit.
  const endings = (code: number) => [
    `exit ${code}`,
    ...(code === 137 ? ['kill -KILL $$'] : []),
    ...(code === 143 ? ['exec /usr/bin/env --default-signal=TERM sh -c "kill -TERM \\$\\$"'] : []),
  ];
  it.each([0, 1, 5, 126, 127, 137, 143])('exit code %i is kept under signals at random moments', async (code) => {
    const wrong: string[] = [];
    await trials(rounds, async (place, i) => {
      const ending = endings(code)[i % endings(code).length];
      const app = sh(`trap "" TERM INT HUP QUIT USR1 USR2; echo up; sleep 0.02; ${ending}`);
      const run = pod.wrapper({ port: proxy.port, name: `app${place}` }, app);
      await run.printed('up');
      const sent: string[] = [];
      // TERM where the app has just let go of ignoring it would be its own, rightful death: same code.
      for (let n = 0; n < 3; n++) {
        await sleep(Math.random() * 15);
        const signal = any(signals);
        run.signal(signal);
        sent.push(signal);
      }
      const exit = await run.exit;
      if (exit.code !== code || exit.stderr !== '') wrong.push(`${exit.code} after ${sent}: ${exit.stderr}`);
    });
    expect(wrong).toEqual([]);
  });

  it('a TERM at any moment from the first is never lost', async () => {
    const wrong: string[] = [];
    await trials(rounds, async (place) => {
      const run = pod.wrapper({ port: proxy.port, name: `app${place}` }, ['/bin/sleep', '20']);
      await pod.started(`app${place}`);
      await sleep(Math.random() * 12);
      const signalled = performance.now();
      run.signal('SIGTERM');
      const exit = await run.exit;
      const took = performance.now() - signalled;
      if (exit.code !== 143 || exit.stderr !== '' || took > 3000)
        wrong.push(`${exit.code} after ${took} ms: ${exit.stderr}`);
    });
    expect(wrong).toEqual([]);
  });

  it('the exit code of an app that ends just when the wrapper looks is kept', async () => {
    const wrong: number[] = [];
    await trials(rounds, async (place, i) => {
      const seconds = 0.99 + (i % 80) / 4000;
      const app = sh(`sleep ${seconds.toFixed(5)}; exit 5`);
      const { code } = await pod.wrapper({ port: proxy.port, name: `app${place}` }, app).exit;
      if (code !== 5) wrong.push(code);
    });
    expect(wrong).toEqual([]);
  });

  it('takes less than 60 processes would before the app, and as much after it (medians)', async () => {
    const wrapper = [
      '/clockout/busybox',
      'sh',
      '/clockout/run',
      'name=app0',
      `port=${proxy.port}`,
      'wait=5',
      'late=start',
      'quit=5',
      'delay=0',
      'urls=',
      'guard=yes',
      '--',
    ];
    // Says when it becomes the wrapper, when the app is there, and when that ends.
    const measure = async (before: string[]) => {
      const stdout = (
        await pod.run([
          '/bin/sh',
          '-c',
          'date +%s%N; exec "$@"',
          'sh',
          ...before,
          '/bin/sh',
          '-c',
          'date +%s%N; date +%s%N',
        ]).exit
      ).stdout;
      const over = performance.timeOrigin + performance.now();
      const [begun = 0, app = 0, end = 0] = stdout
        .trim()
        .split('\n')
        .map((nanoseconds) => Number(nanoseconds) / 1e6);
      return { start: app - begun, end: over - end };
    };
    // As much as the machine takes just now for ten processes: a busy one takes longer for all three alike.
    const processes = ['/clockout/busybox', 'sh', '-c', `${'/clockout/busybox true;'.repeat(10)} exec "$@"`, 'sh'];
    const kinds = { bare: [], processes, wrapper };
    const times: Record<keyof typeof kinds, Awaited<ReturnType<typeof measure>>[]> = {
      bare: [],
      processes: [],
      wrapper: [],
    };
    for (let i = 0; i < 41; i++) {
      for (const [kind, before] of Object.entries(kinds)) times[kind as keyof typeof kinds].push(await measure(before));
    }
    const median = (kind: keyof typeof kinds, of: 'start' | 'end') =>
      times[kind].map((one) => one[of]).sort((a, b) => a - b)[20] ?? 0;
    const unit = median('processes', 'start') - median('bare', 'start');
    const cost = (of: 'start' | 'end') => median('wrapper', of) - median('bare', of);
    const told = (of: 'start' | 'end') => `${cost(of).toFixed(1)} ms (${(cost(of) / unit).toFixed(2)})`;
    console.log(
      `the wrapper adds ${told('start')} before the app and ${told('end')} after it; ten processes: ${unit.toFixed(1)} ms`,
    );
    expect(cost('start') / unit).toBeLessThan(6);
    expect(cost('end') / unit).toBeLessThan(6);
  }, 240_000);

  it('has at most 0.5 MiB of its own memory, also after a large environment', async () => {
    const run = pod.wrapper({ port: proxy.port, name: 'app0' }, sh('echo up; sleep 1'), {
      env: { 'a.b': 'x'.repeat(100_000) },
    });
    await run.printed('up');
    await sleep(100);
    const [, kilobytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${run.pid()}/status`, 'utf8')) ?? [];
    console.log(`RssAnon ${kilobytes} KiB`);
    run.signal('SIGTERM');
    await run.exit;
    expect(Number(kilobytes)).toBeLessThanOrEqual(512);
  });
});

describe('apps that do odd things', () => {
  let pod: Pod;
  beforeAll(async () => {
    pod = makePod('contained');
    await pod.init('app:any:0');
  });
  afterAll(() => pod.remove());

  // The shell that would know the app's code is among the killed: a documented difference.
  it('kill -9 -1 kills all but the wrapper, which waits for the app', async () => {
    const exit = await pod.wrapper({}, sh('sleep 9 & kill -9 -1; sleep 0.3; echo cleaned up; exit 5')).exit;
    expect(exit).toEqual({ code: 137, stdout: 'cleaned up\n', stderr: '' });
    expect(pod.done('app', 'end')).toBe(true);
  });

  it('kill 0 reaches the wrapper, which goes on', async () => {
    const exit = await pod.wrapper({}, sh('trap "echo term" TERM; kill 0; sleep 0.1; exit 5')).exit;
    expect(exit).toMatchObject({ code: 5, stderr: '' });
  });

  it.each([
    ['setpriv', 'exec setpriv --reuid 1234 --regid 1234 --clear-groups /bin/sh -c "$0"', 7],
    // Stays the parent, ends its child itself, and makes its own code of it.
    ['su', 'exec su nobody -s /bin/sh -c "$0"', 143],
  ])('an app that changes its user with %s still gets TERM, and its code counts', async (_, change, code) => {
    const app = 'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done';
    const run = pod.wrapper({}, ['/bin/sh', '-c', change, app]);
    await run.printed('up');
    run.signal('SIGTERM');
    expect((await run.exit).code).toBe(code);
  });

  it('leaves no process behind', async () => {
    const mark = `4${Math.floor(Math.random() * 1e8)}`;
    await pod.wrapper({}, sh(`setsid sleep ${mark} & sleep ${mark} & exit 0`)).exit;
    const left = readdirSync('/proc').filter((entry) => {
      try {
        return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    });
    expect(left).toEqual([]);
  });

  it('orphans are reaped while the app runs', async () => {
    const app = sh(
      'for i in 1 2 3 4 5; do sh -c "sleep 0.05 & " ; done; sleep 0.4; grep -l "^State:.Z" /proc/[0-9]*/status; exit 3',
    );
    expect(await pod.wrapper({}, app).exit).toEqual({ code: 3, stdout: '', stderr: '' });
  });

  it('a closed stderr does not end the wrapper', async () => {
    const exit = await pod.run([
      '/bin/sh',
      '-c',
      'exec "$@" 2>&-',
      'sh',
      '/clockout/busybox',
      'sh',
      '/clockout/run',
      'name=app',
      `port=${await closedPort()}`,
      'wait=1',
      'late=start',
      'quit=1',
      'delay=0',
      'urls=',
      'guard=yes',
      '--',
      '/bin/sh',
      '-c',
      'exit 6',
    ]).exit;
    expect(exit.code).toBe(6);
  });

  it('runs as any user under any umask, and its steps are visible to all', async () => {
    const other = makePod('contained');
    expect(await other.init('app:any:0', '-', { uid: 65532, umask: '077' })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await other.init('app:any:0', '-', { uid: 65532, umask: '077' })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect(await other.wrapper({}, sh('umask; exit 2'), { uid: 1234, umask: '077' }).exit).toMatchObject({
      code: 2,
      stdout: '0077\n',
    });
    expect(other.done('app', 'end')).toBe(true);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    const state = ['steps', 'steps/app', 'steps/app/end', 'alive', 'alive/app', 'alive/app/alive'];
    expect(state.map((path) => mode(join(other.state, path)))).toEqual(['755', '755', '666', '755', '755', '666']);
    expect(['run', 'guard', 'busybox', 'pod'].map((path) => mode(join(other.tools, path)))).toEqual(
      Array(4).fill('755'),
    );
    other.remove();
  });
});

describe('proxies', () => {
  let pod: Pod;
  beforeAll(async () => {
    pod = makePod('contained');
    await pod.init('app:any:0');
  });
  afterAll(() => pod.remove());

  const timed = async (proxy: StandIn, options: Parameters<Pod['wrapper']>[0], code = 3) => {
    const began = performance.now();
    const exit = await pod.wrapper({ port: proxy.port, ...options }, sh(`exit ${code}`)).exit;
    await proxy.close();
    return { ...exit, seconds: (performance.now() - began) / 1000, quits: proxy.quits() };
  };
  const quiet = { code: 3, stderr: '' };

  it('late: waits for it', async () => {
    const proxy = await startProxy({ ready: 503 });
    setTimeout(() => proxy.behave({ ready: 200 }), 700);
    const end = await timed(proxy, {});
    expect(end).toMatchObject({ ...quiet, quits: 1 });
    expect(end.seconds).toBeGreaterThan(0.6);
    // Not ten, as long as it may take.
    expect(end.seconds).toBeLessThan(5);
  });

  it('503 forever: starts after the wait, and quits it', async () => {
    const end = await timed(await startProxy({ ready: 503 }), { wait: 1 });
    expect(end).toMatchObject({ code: 3, quits: 1 });
  });

  it.each(['empty', 403, 503] as const)('that answers %s to a quit: again, until the time is up', async (quit) => {
    const end = await timed(await startProxy({ quit }), { quit: 1 });
    expect(end).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^CLOCKOUT: no quit taken: http:.*quitquitquit\n$/),
    });
    expect(end.quits).toBeGreaterThan(3);
    expect(end.seconds).toBeLessThan(3);
  });

  it('that answers empty at first: again', async () => {
    const proxy = await startProxy({ quit: 'empty' });
    setTimeout(() => proxy.behave({ quit: 200 }), 500);
    expect(await timed(proxy, {})).toMatchObject(quiet);
  });

  it('that accepts and never answers: bounded', async () => {
    const end = await timed(await startProxy({ ready: 'hang', quit: 'hang' }), { wait: 1, quit: 1 });
    expect(end.code).toBe(3);
    expect(end.seconds).toBeLessThan(8);
  });

  it('that is gone when the app ends: done at once', async () => {
    const proxy = await startProxy();
    const run = pod.wrapper({ port: proxy.port, guard: 'no' }, sh('echo up; read x; exit 3'), { stdin: 'pipe' });
    await run.printed('up');
    await proxy.close();
    const began = performance.now();
    run.stdin('\n');
    expect(await run.exit).toMatchObject(quiet);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('that was never there: left to the guard', async () => {
    const proxy = await startProxy();
    await proxy.close();
    const end = await timed(proxy, { wait: 0 });
    expect(end).toMatchObject(quiet);
    // Not ten, as long as a quit may take.
    expect(end.seconds).toBeLessThan(5);
  });

  it('that was never there, without a guard: tried until it comes', async () => {
    const port = await closedPort();
    const run = pod.wrapper({ port, wait: 0, guard: 'no', quit: 1 }, sh('exit 3'));
    await sleep(3000);
    const proxy = await startProxy({ port });
    expect(await run.exit).toMatchObject(quiet);
    expect(proxy.quits()).toBe(1);
    await proxy.close();
  });

  it('after a TERM: two seconds at most', async () => {
    const proxy = await startProxy({ quit: 'empty' });
    const run = pod.wrapper(
      { port: proxy.port, quit: 30, delay: 30 },
      sh('trap "exit 3" TERM; echo up; while :; do sleep 0.02; done'),
    );
    await run.printed('up');
    const began = performance.now();
    run.signal('SIGTERM');
    expect(await run.exit).toMatchObject(quiet);
    expect(performance.now() - began).toBeLessThan(2800);
    await proxy.close();
  });

  it('is not told to quit by quit=never, and not before the last container out', async () => {
    expect(await timed(await startProxy(), { quit: 'never' })).toMatchObject({ ...quiet, quits: 0 });
    const two = makePod('contained');
    await two.init('app:any:0,other:zero:0');
    const proxy = await startProxy();
    await two.wrapper({ port: proxy.port }, sh('exit 1')).exit;
    await two.wrapper({ port: proxy.port, name: 'other' }, sh('exit 1')).exit;
    expect(proxy.quits()).toBe(0);
    await two.wrapper({ port: proxy.port, name: 'other' }, sh('exit 0')).exit;
    expect(proxy.quits()).toBe(1);
    await proxy.close();
    two.remove();
  });

  it('is told after the delay, and after the other URLs', async () => {
    const [proxy, one, two] = await Promise.all([startProxy(), startProxy(), startProxy()]);
    const urls = `http://127.0.0.1:${one.port}/shutdown,http://127.0.0.1:${two.port}/a?b=c&d`;
    const end = await timed(proxy, { delay: 0.5, urls });
    expect(end).toMatchObject({ ...quiet, quits: 1 });
    expect(one.requests).toMatchObject([{ method: 'POST', url: '/shutdown' }]);
    expect(two.requests).toMatchObject([{ method: 'POST', url: '/a?b=c&d' }]);
    expect(end.seconds).toBeGreaterThan(0.5);
    expect(end.seconds).toBeLessThan(2);
    await Promise.all([one.close(), two.close()]);
  });

  it('is told although other URLs fail, each for as long as the timeout, at the same time', async () => {
    const bad = await Promise.all([startProxy({ quit: 'hang' }), startProxy({ quit: 404 }), startProxy()]);
    await bad[2].close();
    const urls = bad.map(({ port }) => `http://127.0.0.1:${port}/x`);
    const proxy = await startProxy();
    const end = await timed(proxy, { quit: 1, urls: urls.join(',') });
    expect(end).toMatchObject({ code: 3, quits: 1 });
    expect(end.stderr.split('\n').sort()).toEqual(['', ...urls.map((url) => `CLOCKOUT: no quit taken: ${url}`).sort()]);
    expect(end.seconds).toBeLessThan(6);
    await Promise.all([bad[0].close(), bad[1].close()]);
  });

  it('a URL that is not there yet is asked again', async () => {
    const port = await closedPort();
    const late = sleep(800).then(() => startProxy({ port }));
    expect(await timed(await startProxy(), { urls: `http://127.0.0.1:${port}/x` })).toMatchObject(quiet);
    expect((await late).requests).toHaveLength(1);
    await (await late).close();
  });
});

describe('beside a native sidecar, with others to end', () => {
  let pod: Pod;
  beforeEach(async () => {
    pod = makePod('contained');
  });
  afterEach(() => pod.remove());

  it('the wrapper stays, tells the others, and leaves that one alone', async () => {
    const [native, other] = await Promise.all([startProxy(), startProxy()]);
    await pod.init('app:any:0', String(native.port), {}, 'kept');
    const urls = `http://127.0.0.1:${other.port}/quit`;
    const exit = await pod.wrapper({ port: native.port, guard: 'no', urls }, sh('echo $$; exit 6')).exit;
    expect(exit).toMatchObject({ code: 6, stderr: '' });
    expect(exit.stdout).not.toBe('1\n');
    expect(pod.done('app', 'end')).toBe(true);
    expect(other.requests).toMatchObject([{ method: 'POST', url: '/quit' }]);
    expect(new Set(native.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    await Promise.all([native.close(), other.close()]);
  });

  it('which turned out classic, all are told', async () => {
    const [port, other] = await Promise.all([closedPort(), startProxy()]);
    await pod.init('app:any:0', String(port), {}, 'kept');
    const classic = await startProxy({ port });
    const urls = `http://127.0.0.1:${other.port}/quit`;
    expect((await pod.wrapper({ port, guard: 'no', urls }, sh('exit 6')).exit).code).toBe(6);
    expect([other.requests.length, classic.quits()]).toEqual([1, 1]);
    await Promise.all([classic.close(), other.close()]);
  });
});

describe('the init container', () => {
  it('finds a native sidecar by asking once, two seconds at most', async () => {
    for (const [ready, native] of [
      [200, true],
      [503, false],
      ['hang', false],
    ] as const) {
      const pod = makePod('contained');
      const proxy = await startProxy({ ready });
      const began = performance.now();
      expect(await pod.init('app:any:0', String(proxy.port))).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(performance.now() - began).toBeLessThan(8000);
      expect([proxy.requests.length, existsSync(join(pod.tools, 'native'))]).toEqual([1, native]);
      await proxy.close();
      pod.remove();
    }
  });

  it('may run again: a FIFO in use stays the same', async () => {
    const pod = makePod('contained');
    await pod.init('app:any:0,b:zero:0');
    const kept = ['alive/app/alive', 'alive/b/alive', 'steps/app', 'steps/b'].map((path) => join(pod.state, path));
    const inodes = () => [...kept, join(pod.tools, 'busybox')].map((path) => statSync(path).ino);
    const before = inodes();
    const done = ['app/start', 'b/end', 'b/proxy', 'istio-proxy/end', 'istio-proxy/proxy'];
    for (const step of done) truncateSync(join(pod.state, 'steps', step));
    expect(await pod.init('app:any:0,b:zero:0')).toEqual({ code: 0, stdout: '', stderr: '' });
    // All sidecars are started again, but not a container that has succeeded.
    expect(done.filter((step) => statSync(join(pod.state, 'steps', step)).size === 0)).toEqual(['b/end']);
    expect(inodes()).toEqual(before);
    pod.remove();
  });
});
