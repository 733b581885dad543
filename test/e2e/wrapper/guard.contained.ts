/** The guard in a container beside the wrapper's, with a stand-in for pilot-agent as PID 1. */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makePod, type Pod, type Run, scripts, splitTrace } from '../../wrapper/pod.ts';
import { closedPort } from '../../wrapper/proxy.ts';

const sh = (script: string) => ['/bin/sh', '-c', script];
const uid = 1337;
/** A container with a guard. */
const beside = { container: 'istio-proxy', guarded: true };

type HookOptions = {
  at?: number;
  quit?: number;
  delay?: number;
  report?: number;
  urls?: string;
  tell?: string;
  term?: number | '';
};

describe('the guard', () => {
  let pod: Pod;
  let port: number;
  let runs: Run[];
  beforeEach(async () => {
    pod = makePod('contained');
    port = await closedPort();
    runs = [];
  });
  afterEach(async () => {
    for (const run of runs) run.kill();
    await Promise.all(runs.map((run) => run.exit));
    pod.remove();
  });

  /** A stand-in pilot-agent as istio-proxy's PID 1; its log is what the guard writes to. */
  async function startAgent({
    at = port,
    behaviour = {},
    delay = 0,
  }: {
    at?: number;
    behaviour?: object;
    delay?: number;
  } = {}) {
    const log = join(pod.folder, 'agent.log');
    writeFileSync(log, '');
    chmodSync(log, 0o666);
    const script = join(import.meta.dirname, 'pilot-agent.ts');
    const run = pod.run([process.execPath, script, 'proxy', String(at), JSON.stringify(behaviour), String(delay)], {
      uid,
      log,
      ...beside,
    });
    runs.push(run);
    await run.printed('up');
    return { run, log: () => readFileSync(log, 'utf8') };
  }

  /** What the kubelet does for a postStart hook: a process in that container. Gives the hook's output. */
  function hook(
    agent: Run,
    { at = port, quit = 5, delay = 0, report = 0, urls = '', ...other }: HookOptions = {},
    own: string[] = [],
  ): string {
    const tell = other.tell ?? (at === 0 ? '' : `http://127.0.0.1:${at}/quitquitquit`);
    const term = other.term ?? (at === 0 ? -1 : 10);
    const enter = [
      '--target',
      String(agent.pid()),
      '--mount',
      '--pid',
      '--root',
      '--wd=/',
      `--setuid=${uid}`,
      `--setgid=${uid}`,
    ];
    const guard = [
      '/clockout/busybox',
      'sh',
      '/clockout/guard',
      'me=istio-proxy',
      `tell=${tell}`,
      `term=${term}`,
      'to=-1,1',
      `quit=${quit}`,
      `delay=${delay}`,
      `urls=${urls}`,
      `report=${report}`,
      '--',
      ...own,
    ];
    return execFileSync('nsenter', [...enter, '--', '/usr/bin/env', '-i', 'PATH=/usr/bin:/bin', ...guard], {
      encoding: 'utf8',
      timeout: 5000,
    });
  }

  /** The processes of that container that are ours, or dead. */
  const inside = (agent: Run) => {
    const namespace = (entry: string) => {
      try {
        return execFileSync('readlink', [`/proc/${entry}/ns/pid`], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
      } catch {
        return '';
      }
    };
    const ours = namespace(String(agent.pid()));
    return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && namespace(entry) === ours);
  };

  /** What it started meanwhile may be gone by the time we look. */
  const look = (entry: string) => {
    try {
      return ['cmdline', 'stat', 'status'].map((file) => readFileSync(`/proc/${entry}/${file}`, 'utf8'));
    } catch {
      return [];
    }
  };

  const wrapper = (options: Parameters<Pod['wrapper']>[0], argv: string[], uid = 1000) => {
    const run = pod.wrapper({ port, wait: 0, ...options }, argv, { uid });
    runs.push(run);
    return run;
  };

  it('returns at once, and becomes Istio’s own hook where there is one', async () => {
    await pod.init('app:any:0');
    const { run } = await startAgent();
    expect(hook(run)).toBe('');
    expect(hook(run, {}, ['echo', 'a  b'])).toBe('a  b\n');
  });

  it('ends the proxy of an app that was killed', async () => {
    await pod.init('app:any:3600');
    // It lives on for as long as the guard, which ends with it, takes to say so.
    const { run, log } = await startAgent({ behaviour: { drain: 3000 } });
    hook(run);
    const app = wrapper({}, ['/bin/sleep', '60']);
    await pod.started();
    await sleep(1500);
    expect(run.pid()).toBeGreaterThan(0);
    const killed = performance.now();
    app.signal('SIGKILL');
    expect((await run.exit).code).toBe(0);
    expect(performance.now() - killed).toBeLessThan(30_000);
    expect(log()).toBe('CLOCKOUT: app killed\nCLOCKOUT: sent quit\n');
  });

  it('with trace says in words what it decides', async () => {
    pod.remove();
    pod = makePod('contained', scripts.traced);
    await pod.init('app:any:3600');
    const { run, log } = await startAgent({ behaviour: { drain: 3000 } });
    hook(run);
    const app = wrapper({}, ['/bin/sleep', '60']);
    const said = () => splitTrace(log()).trace.map((line) => line.replace('clockout: guard of istio-proxy: ', ''));
    await vi.waitFor(() => expect(said()).toContain('app runs'), 60_000);
    app.signal('SIGKILL');
    expect((await run.exit).code).toBe(0);
    expect(splitTrace(log()).rest).toBe('CLOCKOUT: app killed\nCLOCKOUT: sent quit\n');
    // Said before and after the first word of the app.
    expect(said().filter((line) => line !== 'still to end: app:any:3600')).toEqual([
      'waits for app:any:3600',
      'app runs',
      'app is gone',
      'still to end: none',
      `asking the sidecar to exit at http://127.0.0.1:${port}/quitquitquit`,
    ]);
  });

  it('may come first with the quit: the wrapper, of another user, stays quiet about it', async () => {
    await pod.init('app:any:3600');
    const { run } = await startAgent({ behaviour: { drain: 3000 } });
    hook(run);
    await sleep(300);
    const app = wrapper({ delay: 1 }, sh('sleep 0.5; exit 5'));
    expect(await app.exit).toEqual({ code: 5, stdout: '', stderr: '' });
    expect((await run.exit).code).toBe(0);
  });

  it('lets the wrapper exit, even if the proxy exits before the guard can say that it took the quit', async () => {
    await pod.init('app:any:3600', '-', {}, 'native', 'istio-proxy,other');
    const { run } = await startAgent({ behaviour: { quit: 'empty', dies: true } });
    hook(run);
    await sleep(300);
    const app = wrapper({ quit: 600 }, sh('exit 5'));
    expect((await run.exit).code).toBe(0);
    expect((await app.exit).code).toBe(5);
  });

  it('does not wait for a sidecar that started, and was gone before it could be seen', async () => {
    await pod.init('app:any:3600', '-', {}, 'native', 'istio-proxy,other');
    writeFileSync(join(pod.state, 'steps/other/start'), '');
    const { run } = await startAgent();
    hook(run, { quit: 600 });
    await wrapper({ quit: 600 }, sh('exit 0')).exit;
    expect((await run.exit).code).toBe(0);
  });

  it('says nothing when the wrapper does it', async () => {
    await pod.init('app:any:3600');
    const { run, log } = await startAgent({ behaviour: { drain: 1500 } });
    hook(run);
    await sleep(300);
    await wrapper({ wait: 5 }, sh('sleep 0.5; exit 5')).exit;
    expect((await run.exit).code).toBe(0);
    expect(log()).toBe('');
  });

  it('does not take the proxy from an app that kills all around it', async () => {
    await pod.init('app:any:3600');
    const { run } = await startAgent();
    hook(run);
    const app = wrapper({}, sh('trap "" TERM; sleep 0.5; kill 0; kill -9 -1; exec sleep 30'));
    const first = await Promise.race([run.exit.then(() => 'proxy ended'), sleep(4000).then(() => 'both run')]);
    expect(first).toBe('both run');
    app.signal('SIGKILL');
    await run.exit;
  });

  it('under rule zero waits for exit code 0, through failures and kills', async () => {
    await pod.init('app:zero:0');
    const { run } = await startAgent();
    hook(run);
    await wrapper({}, sh('sleep 0.3; exit 5')).exit;
    const killed = wrapper({}, ['/bin/sleep', '60']);
    await pod.started();
    await sleep(600);
    killed.signal('SIGKILL');
    await killed.exit;
    await sleep(2500);
    const still = await Promise.race([run.exit, sleep(10).then(() => 'running')]);
    expect(still).toBe('running');
    await wrapper({}, sh('exit 0')).exit;
    expect((await run.exit).code).toBe(0);
  });

  it('waits for all of several containers', async () => {
    await pod.init('app:any:3600,other:any:3600');
    const { run, log } = await startAgent();
    hook(run);
    await wrapper({}, sh('exit 1')).exit;
    const other = wrapper({ name: 'other' }, ['/bin/sleep', '60'], 2000);
    await pod.started('other');
    await sleep(1500);
    expect(await Promise.race([run.exit, sleep(10).then(() => 'running')])).toBe('running');
    other.signal('SIGKILL');
    expect((await run.exit).code).toBe(0);
    expect(log()).toContain('other killed');
  });

  it('names the containers that the pod still waits for, once, when another has ended', async () => {
    await pod.init('app:any:3600,other:any:3600,third:zero:3600');
    const { run, log } = await startAgent();
    hook(run, { report: 1 });
    const others = [wrapper({ name: 'other' }, ['/bin/sleep', '600']), wrapper({ name: 'third' }, sh('sleep 600'))];
    await Promise.all([pod.started('other'), pod.started('third')]);
    expect(log()).toBe('');
    await wrapper({}, sh('exit 1')).exit;
    const said = 'CLOCKOUT: the pod waits for other third; another container has ended\n';
    await vi.waitFor(() => expect(log()).toBe(said), 60_000);
    await sleep(2500);
    expect(log()).toBe(said);
    for (const one of others) one.signal('SIGKILL');
  });

  it('gives up a container that never starts; what comes later is not started', async () => {
    await pod.init('app:any:2');
    const { run, log } = await startAgent();
    const began = performance.now();
    hook(run);
    expect((await run.exit).code).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(1900);
    expect(log()).toContain('CLOCKOUT: app did not start\n');
    expect(await wrapper({}, sh('echo ran')).exit).toEqual({
      code: 124,
      stdout: '',
      stderr: 'CLOCKOUT: too late: proxy has quit\n',
    });
  });

  it('without a status port sends TERM', async () => {
    await pod.init('app:any:0');
    const { run, log } = await startAgent({ at: 0 });
    hook(run, { at: 0 });
    await wrapper({ port: 0 }, sh('exit 0')).exit;
    expect(await run.exit).toMatchObject({ code: 0, stdout: 'up\ngot TERM\n' });
    expect(log()).toBe('CLOCKOUT: sent TERM\n');
  });

  it.each(['hang', 'empty'])(
    'sends TERM after 10 s to a proxy that answers a quit with %s, and leaves no zombie',
    async (quit) => {
      await pod.init('app:any:0');
      const { run, log } = await startAgent({ behaviour: { quit } });
      hook(run);
      const began = performance.now();
      await wrapper({ quit: 1 }, sh('exit 0')).exit;
      await sleep(5000);
      // The dead of whom the agent is the parent: those nobody reaps.
      const zombies = inside(run)
        .map(look)
        .filter(([, stat = '']) => stat.split(') ')[1]?.startsWith(`Z ${run.pid()} `));
      expect(zombies).toEqual([]);
      expect(await run.exit).toMatchObject({ code: 0, stdout: 'up\ngot TERM\n' });
      expect(performance.now() - began).toBeGreaterThan(9000);
      expect(log()).toContain('sent TERM');
    },
  );

  it('in another sidecar’s container POSTs to its URL, and never sends TERM where that would be a failure', async () => {
    await pod.init('app:any:3600');
    const { run, log } = await startAgent({ behaviour: { quit: 404, says: true } });
    hook(run, { tell: `http://127.0.0.1:${port}/shutdown`, term: '' });
    await wrapper({ port: 0 }, sh('exit 0')).exit;
    await run.printed('POST /shutdown');
    expect(await Promise.race([run.exit, sleep(13_000, 'running')])).toBe('running');
    const said = log();
    run.kill();
    const { stdout } = await run.exit;
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['up', 'POST /shutdown']));
    expect(said).toBe('');
  });

  it.each(['exec ', ''])('without a URL sends TERM to all processes, a shell’s child included (%s)', async (exec) => {
    await pod.init('app:any:3600');
    const script = `${exec}/bin/sh -c 'trap "echo got TERM; exit 0" TERM; echo up; while :; do sleep .1; done'`;
    const sidecar = pod.run(['/bin/sh', '-ec', `true && ${script}; true`], { uid, ...beside });
    runs.push(sidecar);
    await sidecar.printed('up');
    hook(sidecar, { tell: '', term: -1 });
    await wrapper({ port: 0 }, sh('exit 7')).exit;
    expect(await sidecar.exit).toMatchObject({ code: 0, stdout: 'up\ngot TERM\n' });
  });

  it('sends one TERM only, however long the sidecar drains', async () => {
    await pod.init('app:any:0');
    const script = 'trap "echo got TERM" TERM; echo up; while :; do sleep .1; done';
    const sidecar = pod.run(['/bin/sh', '-c', script], { uid, ...beside });
    runs.push(sidecar);
    await sidecar.printed('up');
    hook(sidecar, { tell: '', term: -1 });
    await wrapper({ port: 0 }, sh('exit 0')).exit;
    await sleep(13_000);
    sidecar.signal('SIGKILL');
    expect((await sidecar.exit).stdout).toBe('up\ngot TERM\n');
  });

  it('quits a proxy that comes after the app has ended', async () => {
    await pod.init('app:any:3600');
    await wrapper({}, sh('exit 0')).exit;
    const { run } = await startAgent({ delay: 1500 });
    hook(run);
    expect((await run.exit).stdout).toContain('took the quit');
  });

  it('two guards at once do no harm', async () => {
    await pod.init('app:any:3600');
    const { run } = await startAgent();
    hook(run);
    hook(run);
    const app = wrapper({}, sh('sleep 1.5; exit 0'));
    await sleep(700);
    hook(run);
    expect(await Promise.race([run.exit, sleep(500).then(() => 'running')])).toBe('running');
    await app.exit;
    expect((await run.exit).code).toBe(0);
  });

  it('does not spin without its FIFO, and takes little', async () => {
    await pod.init('app:any:0');
    execFileSync('rm', [join(pod.state, 'alive/app/alive')]);
    const { run } = await startAgent();
    hook(run);
    await sleep(300);
    const used = () =>
      inside(run)
        .map(look)
        .filter(([cmdline = 'pilot-agent']) => cmdline !== '' && !cmdline.includes('pilot-agent'))
        .map(([, stat = '', status = '']) => {
          // utime, stime, and those of its children: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
          const ticks =
            stat
              .split(') ')[1]
              ?.split(' ')
              .slice(11, 15)
              .reduce((sum, field) => sum + Number(field), 0) ?? 0;
          return { ticks, kib: Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) };
        });
    await sleep(3000);
    const guards = used();
    console.log(`guard: RssAnon ${guards.map(({ kib }) => kib)} KiB`);
    expect(guards.length).toBeGreaterThan(1);
    expect(guards.reduce((sum, { ticks }) => sum + ticks, 0)).toBeLessThan(10);
    for (const { kib } of guards) expect(kib).toBeLessThanOrEqual(512);
  });

  const trap = (name: string) => `trap "echo ${name} got TERM" TERM; echo ${name} started; while :; do sleep 0.1; done`;
  it.each([
    ['finds the agent of its own container', 'pilot-agent', ['got TERM']],
    ['sends TERM to nobody, where it finds none', 'stranger', []],
  ])('among processes of others %s', async (_, sidecar, expected) => {
    await pod.init('app:any:0');
    // Process 1 of a pause container, or of a node, and in its PID namespace containers with mounts of their own.
    const agent = `exec ${process.execPath} ${join(import.meta.dirname, 'pilot-agent.ts')} proxy 0`;
    const apart = (text: string) => `unshare --mount --propagation unchanged sh -c '${text}' &`;
    // Megabytes of command lines, each byte of which would be a call of read.
    const long = `l=$(head -c 130000 /dev/zero | tr '\\0' x); l="$l $l $l $l $l $l $l"; for i in 1 2 3 4 5; do unshare --mount --propagation unchanged sh -c 'while :; do sleep 1; done' $l $l & done;`;
    const own = apart(sidecar === 'stranger' ? trap(sidecar) : agent);
    const scripts = [long, own, apart(trap('neighbour')), trap('first')];
    const log = join(pod.folder, 'first.log');
    const first = pod.run(sh(scripts.join(' ')), { log, ...beside });
    runs.push(first);
    const marks = [sidecar === 'stranger' ? 'stranger started' : 'up', 'neighbour started', 'first started'];
    await Promise.all(marks.map(first.printed));
    const pids = readFileSync(`/proc/${first.pid()}/task/${first.pid()}/children`, 'utf8').trim().split(' ');
    const container = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(sidecar)) ?? '';
    const options = ['me=istio-proxy', 'tell=', 'term=-1', 'to=', 'quit=5', 'delay=0', 'urls='];
    const guard = ['/clockout/busybox', 'sh', '/clockout/guard', ...options, '--'];
    execFileSync('nsenter', ['--target', container, '--mount', '--pid', '--root', '--wd=/', '--', ...guard]);
    await wrapper({ port: 0 }, sh('exit 0'), 0).exit;
    await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('CLOCKOUT: sent TERM\n'), 10_000);
    await sleep(1000);
    first.signal('SIGKILL');
    const told = (await first.exit).stdout.split('\n').filter((line) => line.includes('TERM'));
    expect(told).toEqual(expected);
  });
});
