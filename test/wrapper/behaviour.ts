import { readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makePod, type Pod, program, scripts, splitTrace } from './pod.ts';
import { closedPort, type StandIn, startProxy } from './proxy.ts';

/** What must hold for the wrapper as an ordinary process, and as PID 1 of a container. */
export function describeWrapper(mode: 'plain' | 'contained', texts = scripts.usual): void {
  let pod: Pod;
  let proxy: StandIn;
  let tools: string;

  beforeAll(async () => {
    pod = makePod(mode, texts);
    expect(await pod.init('app:any:0')).toMatchObject({ code: 0, stderr: '' });
    proxy = await startProxy();
    tools = pod.folder;
  });
  afterAll(async () => {
    await proxy.close();
    pod.remove();
  });

  const sh = (script: string) => ['/bin/sh', '-c', script];

  describe('exit code', () => {
    it.each([0, 1, 5, 124, 126, 127, 137, 143, 255])('%i is the app’s', async (code) => {
      const before = proxy.quits();
      const exit = await pod.wrapper({ port: proxy.port }, sh(`exit ${code}`)).exit;
      expect(exit).toEqual({ code, stdout: '', stderr: '' });
      expect(pod.done('app', 'end')).toBe(true);
      expect(proxy.quits()).toBe(before + 1);
    });

    it.each([
      ['KILL', 137],
      ['TERM', 143],
      ['SEGV', 139],
    ])('after a death by SIG%s is %i, without a word', async (signal, code) => {
      const exit = await pod.wrapper({}, sh(`kill -${signal} $$`)).exit;
      expect(exit).toEqual({ code, stdout: '', stderr: '' });
    });

    it('survives signals at any moment', async () => {
      const runs = Array.from({ length: 24 }, async (_, i) => {
        const code = [0, 5, 127, 143][i % 4] ?? 0;
        const run = pod.wrapper({}, sh(`trap "" TERM USR1; echo up; sleep 0.05; exit ${code}`));
        await run.printed('up');
        for (const signal of ['USR1', 'TERM', 'WINCH']) {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 25));
          run.signal(`SIG${signal}` as NodeJS.Signals);
        }
        return [code, (await run.exit).code];
      });
      for (const [expected, actual] of await Promise.all(runs)) expect(actual).toBe(expected);
    });
  });

  describe('what the app gets', () => {
    it.each([
      ['plain', {}],
      ['names that are no identifiers', { 'spring.datasource.url': 'jdbc:x', 'my-var': '1', '1st': 'a', ä: 'ö' }],
      [
        'names that ash takes for itself',
        { PWD: '/elsewhere', OLDPWD: '/', SHLVL: '7', IFS: 'x', OPTIND: '9', PPID: '3', PS1: '' },
      ],
      ['our own names', { _b: '1', _d: '2', _port: '3', _a: '4', port: '5', name: '6', b: '7' }],
      [
        'odd values',
        { A: 'it\'s\n"two"\n\\lines\\n $HOME `id` \\0', B: '', C: '\u0001\u007fé\u{1f600}', D: 'a=b=c', 'e.f': "'\n'" },
      ],
      ['100 KB', { HUGE: "x'\n".repeat(33_000), 'dotted.name': 'y' }],
      ['many', Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`SVC_${i}_PORT`, `tcp://10.0.0.1:${i}`]))],
    ] as [string, Record<string, string>][])('environment identical: %s', async (_, env) => {
      const exit = await pod.wrapper({}, ['/usr/bin/env', '-0'], { env }).exit;
      const got = Object.fromEntries(
        exit.stdout
          .split('\0')
          .filter(Boolean)
          .map((entry) => [entry.split('=', 1)[0], entry.slice(entry.indexOf('=') + 1)]),
      );
      expect(got).toEqual({ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', ...env });
      expect(exit.stderr).toBe('');
    });

    it('its code, also if its environment has variables of the scripts’ names', async () => {
      const found = `${texts.run}\n${texts.guard}`.matchAll(/(?<![\w$])_[a-z]+(?==)|\$\{?(_[a-z]+)/g);
      const names = new Set([...found].map(([own, used]) => used ?? own));
      expect(names).toContain('_began');
      const env = Object.fromEntries([...names].map((name) => [name, '1 +']));
      const before = proxy.quits();
      const exit = await pod.wrapper({ port: proxy.port, report: 1 }, sh('exit 3'), { env }).exit;
      expect(exit).toEqual({ code: 3, stdout: '', stderr: '' });
      expect(proxy.quits()).toBe(before + 1);
    });

    it.each([
      ['ash’s own environment', {}],
      ['the kernel’s', { 'a.b': 'c' }],
    ] as [string, Record<string, string>][])('argv identical, with %s', async (_, env) => {
      const argv = [
        '',
        ' ',
        'a b',
        "it's",
        '"',
        '\\',
        '$HOME',
        '$(id)',
        '`id`',
        '*',
        'a\nb',
        '--',
        '-n',
        'é',
        'A=B',
        '\u0001',
      ];
      const print = program(join(tools, 'print argv'), '#!/bin/sh\nfor x; do printf "%s\\0" "$x"; done\n');
      const exit = await pod.wrapper({}, [print, ...argv], { env }).exit;
      expect(exit.stdout.split('\0').slice(0, -1)).toEqual(argv);
    });

    it('the name it was called by, when found in PATH', async () => {
      const exit = await pod.wrapper({}, ['sh', '-c', 'tr "\\0" " " </proc/$$/cmdline; exit 3']).exit;
      expect(exit).toMatchObject({ code: 3, stdout: expect.stringMatching(/^sh -c /) });
    });

    it.each([
      ['plain', {}],
      ['with the kernel’s environment', { 'a.b': 'c' }],
    ] as [string, Record<string, string>][])('a path that holds =, %s', async (_, env) => {
      const odd = program(join(tools, 'a=b c'), '#!/bin/sh\necho "$0|$1"');
      expect(await pod.wrapper({}, [odd, 'x=y'], { env }).exit).toEqual({
        code: 0,
        stdout: `${odd}|x=y\n`,
        stderr: '',
      });
    });

    it('its stdin', async () => {
      const run = pod.wrapper({}, ['cat'], { stdin: 'pipe' });
      run.stdin('hello');
      expect(await run.exit).toMatchObject({ code: 0, stdout: 'hello' });
    });

    it('its umask', async () => {
      const run = pod.wrapper({}, ['sh', '-c', 'umask'], { umask: '077' });
      expect((await run.exit).stdout).toMatch(/^0?077\n$/);
    });

    it.each(['ls', 'date', 'cat', 'echo', 'test', 'printf', 'kill', 'env', 'sh', 'true'])(
      'its own %s, not busybox’s',
      async (name) => {
        program(join(tools, name), '#!/bin/bash\necho mine');
        for (const env of [{}, { 'a.b': 'c' }]) {
          const exit = await pod.wrapper({}, [name], { env: { PATH: `${tools}:/usr/bin:/bin`, ...env } }).exit;
          expect(exit).toEqual({ code: 0, stdout: 'mine\n', stderr: '' });
        }
      },
    );
  });

  describe('finding the program', () => {
    it.each([
      ['a name that is nowhere', ['no-such-tool'], 127],
      ['a path that is nowhere', ['/no/such/tool'], 127],
      ['the empty string', [''], 126],
      ['a folder', ['/usr'], 126],
      ['a file without x', ['/etc/passwd'], 126],
    ])('%s: one line and the code of a shell', async (_, argv, code) => {
      const exit = await pod.wrapper({ port: proxy.port }, argv).exit;
      expect(exit).toEqual({ code, stdout: '', stderr: `CLOCKOUT: no such executable: ${argv[0]}\n` });
      expect(pod.done('app', 'end')).toBe(true);
    });

    it('folders and files without x in PATH are passed over', async () => {
      const [a, b] = ['pass1', 'pass2'].map((name) => join(tools, name));
      await pod.run(['/bin/sh', '-c', `mkdir -p ${a}/tool ${b}; echo >${a}/plain`]).exit;
      program(`${b}/tool`, '#!/bin/sh\necho b');
      program(`${b}/plain`, '#!/bin/sh\necho b');
      for (const tool of ['tool', 'plain']) {
        expect((await pod.wrapper({}, [tool], { env: { PATH: `${a}:${b}` } }).exit).stdout).toBe('b\n');
      }
    });

    it.each(['', ':/usr/bin', '/usr/bin:', '/nowhere::/usr/bin'])(
      'PATH=%j: an empty entry is the working directory',
      async (path) => {
        program(join(tools, 'here'), '#!/bin/sh\necho here');
        const exit = await pod.wrapper({}, ['here'], { env: { PATH: path } }).exit;
        expect(exit).toEqual({ code: 0, stdout: 'here\n', stderr: '' });
      },
    );

    it('a path with a slash is relative to the working directory', async () => {
      program(join(tools, 'here'), '#!/bin/sh\necho here');
      expect((await pod.wrapper({}, ['./here']).exit).stdout).toBe('here\n');
    });

    it('a link is followed', async () => {
      symlinkSync('/bin/sh', join(tools, 'link'));
      expect((await pod.wrapper({}, ['link', '-c', 'exit 4'], { env: { PATH: tools } }).exit).code).toBe(4);
    });

    it('a file the kernel cannot run is refused, or run by the image’s own shell, never by busybox', async () => {
      const text = program(join(tools, 'text'), 'echo "ran $BB_ASH_VERSION"\n');
      const { code, stdout } = await pod.wrapper({}, [text]).exit;
      // glibc's execvp falls back on /bin/sh, musl's says no.
      expect([
        { code: 126, stdout: '' },
        { code: 0, stdout: 'ran \n' },
      ]).toContainEqual({ code, stdout });
    });
  });

  describe('the proxy', () => {
    it('that is not there: waits, says so, starts', async () => {
      const started = performance.now();
      const exit = await pod.wrapper({ port: await closedPort(), wait: 1 }, sh('exit 3')).exit;
      expect(exit).toEqual({ code: 3, stdout: '', stderr: 'CLOCKOUT: proxy not ready in 1 s: will start\n' });
      expect(performance.now() - started).toBeGreaterThan(1000);
    });

    it('that never gets ready: exit 124, if that is wanted', async () => {
      proxy.behave({ ready: 503 });
      const exit = await pod.wrapper({ port: proxy.port, wait: 1, late: 'fail' }, sh('echo ran')).exit;
      proxy.behave({ ready: 200 });
      expect(exit).toEqual({ code: 124, stdout: '', stderr: 'CLOCKOUT: proxy not ready in 1 s: will fail\n' });
    });

    it('is not asked when there is nothing to wait for', async () => {
      const before = proxy.requests.length;
      await pod.wrapper({ port: proxy.port, wait: 0, quit: 'never' }, ['true']).exit;
      await pod.wrapper({ port: 0 }, ['true']).exit;
      expect(proxy.requests.length).toBe(before);
    });

    it('that was told to quit already: not started', async () => {
      const end = join(pod.state, 'steps/istio-proxy/end');
      truncateSync(end);
      const exit = await pod.wrapper({ port: proxy.port }, sh('echo ran')).exit;
      writeFileSync(end, '\n');
      expect(exit).toEqual({ code: 124, stdout: '', stderr: 'CLOCKOUT: too late: proxy has quit\n' });
    });

    it('gets its quit though http_proxy points elsewhere', async () => {
      const before = proxy.quits();
      const env = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };
      await pod.wrapper({ port: proxy.port }, ['true'], { env }).exit;
      expect(proxy.quits()).toBe(before + 1);
    });
  });

  // 37 is what systemd takes for a shutdown: SIGRTMIN+3.
  it.each([
    ['SIGTERM', 'TERM', 143],
    ['SIGUSR1', 'USR1', 138],
    ['SIGPWR', 'PWR', 158],
    ['SIGWINCH', 'WINCH', 156],
    [37, '37', 165],
  ] as const)('%s, as the stop signal, ends the wait for the proxy', async (signal, stop, code) => {
    const run = pod.wrapper({ port: await closedPort(), wait: 60, stop }, sh('echo ran'));
    await pod.started();
    run.signal(signal);
    expect(await run.exit).toEqual({ code, stdout: '', stderr: '' });
  });

  it.each(['SIGUSR1', 'SIGQUIT', 37] as const)(
    '%s, which is not the stop signal, waits for the app',
    async (signal) => {
      const late = await startProxy({ ready: 503 });
      const run = pod.wrapper({ port: late.port, wait: 60 }, sh('while :; do sleep 0.05; done'));
      await pod.started();
      run.signal(signal);
      late.behave({ ready: 200 });
      const code = 128 + (typeof signal === 'number' ? signal : constants.signals[signal]);
      expect(await run.exit).toMatchObject({ code });
      await late.close();
    },
  );

  it.each([
    ['TERM', 'TERM', 'TERM'],
    ['HUP', 'HUP', 'HUP'],
    ['USR1', 'USR1', 'USR1'],
    ['USR2', 'USR2', 'USR2'],
    ['WINCH', 'WINCH', 'WINCH'],
    ['INT', 'INT', 'INT TERM'],
    ['QUIT', 'QUIT', 'QUIT TERM'],
  ])('passes on SIG%s as %s, twice', async (signal, expected, trapped) => {
    const app = `n=0; for s in ${trapped}; do trap "echo $s; n=\\$((n+1))" $s; done; echo up; while [ $n -lt 2 ]; do sleep 0.02; done; exit 9`;
    const run = pod.wrapper({}, sh(app));
    await run.printed('up');
    run.signal(`SIG${signal}` as NodeJS.Signals);
    await run.printed(expected);
    run.signal(`SIG${signal}` as NodeJS.Signals);
    expect(await run.exit).toEqual({ code: 9, stdout: `up\n${expected}\n${expected}\n`, stderr: '' });
  });

  it('says that the pod waits for it, once, where no guard can', async () => {
    const two = makePod(mode, texts);
    expect(await two.init('app:any:0,other:any:0', '-', {}, 'native', '')).toMatchObject({ code: 0, stderr: '' });
    const log = join(two.folder, 'app.log');
    const go = join(two.folder, 'go');
    const run = two.wrapper({ report: 1 }, sh(`until [ -e ${go} ]; do sleep 0.1; done`), { log });
    await two.started();
    expect(await two.wrapper({ name: 'other' }, sh('exit 1')).exit).toMatchObject({ code: 1 });
    const said = 'CLOCKOUT: the pod waits for app; another container has ended\n';
    await vi.waitFor(() => expect(splitTrace(readFileSync(log, 'utf8')).rest).toBe(said), 60_000);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    writeFileSync(go, '');
    expect((await run.exit).code).toBe(0);
    expect(splitTrace(readFileSync(log, 'utf8')).rest).toBe(said);
    two.remove();
  });

  it('in native mode becomes the app', async () => {
    program(join(pod.tools, 'native'), '');
    const before = proxy.requests.length;
    const run = pod.wrapper({ port: proxy.port }, sh('echo $$ $PPID; exit 6'));
    const parents = mode === 'contained' ? '1 0' : `${run.pid()} ${process.pid}`;
    const exit = await run.exit;
    rmSync(join(pod.tools, 'native'));
    expect(exit).toEqual({ code: 6, stdout: `${parents}\n`, stderr: '' });
    expect(proxy.requests.length).toBe(before);
  });
}
