/** The program that the container would have run is the one that runs, or none. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { program, type Run } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, sh, timed, wrapperLine } from './lab.ts';

const aarch64 = 183;
const machineOffset = 18; // https://man7.org/linux/man-pages/man5/elf.5.html

/** A program that can't be started: how its container ends. `make` gives the argv, in a folder of the pod's. */
const refused = (
  name: string,
  title: string,
  code: number,
  make: (folder: string) => string,
  origins: string[] = [],
): Case<ContainedPlace> =>
  contained({
    name,
    title,
    origins,
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const exit = await pod.wrapper({ port: proxy.port }, [make(pod.folder)]).exit;
      expect({ ...exit, stderr: exit.stderr.split('\n').length }).toEqual({ code, stdout: '', stderr: 2 });
      expect(proxy.quits()).toBe(1);
      return `exit code ${code}, and a line in the log; the proxy was asked to exit`;
    },
  });

/** A file with this text, which may be executed. */
const file = (name: string, text: string | Buffer, mode?: number) => (folder: string) => {
  const path = program(join(folder, name), '', mode);
  writeFileSync(path, text);
  return path;
};

const wrongArchitecture = (folder: string): string => {
  const elf = Buffer.from(readFileSync(process.execPath).subarray(0, 4096));
  elf.writeUInt16LE(aarch64, machineOffset);
  return file('arm64', elf)(folder);
};

export const programs: Case<ContainedPlace>[] = [
  refused('no-such-program', 'A program that does not exist', 127, () => '/no/such/program', [
    'https://github.com/kvij/scuttle',
  ]),
  refused('missing-in-path', 'A name that is not in PATH', 127, () => 'no-such-program'),
  refused('not-executable', 'A file without the right to execute it', 126, file('data', '#!/bin/sh\n', 0o644)),
  refused('a-folder', 'A folder in place of a program', 126, (folder) => folder),
  refused('missing-interpreter', 'A script whose interpreter is missing', 127, file('script', '#!/no/such/shell\n')),
  refused('windows-line-ends', 'A script with Windows line ends', 127, file('script', '#!/bin/sh\r\necho ran\r\n')),
  refused('text-without-interpreter', 'A text file without #!', 126, file('text', 'echo ran\n')),
  refused('wrong-architecture', 'A program for another processor', 126, wrongArchitecture),
  contained({
    name: 'same-arguments',
    title: 'Arguments with spaces, quotes, newlines and $, and empty ones, stay as they are',
    origins: ['https://github.com/upciti/quitquitquit', 'https://github.com/toniopelo/kubedeps'],
    run: async (lab) => {
      const pod = await lab.pod();
      const print = program(join(pod.folder, 'print arguments'), '#!/bin/sh\nfor x; do printf "%s\\0" "$x"; done\n');
      const odd = ['', ' ', 'a  b', "it's", '"', '\\', '$HOME', '$(id)', '`id`', '*', 'a\nb', '--', '-n', 'é', 'A=B'];
      const { stdout } = await pod.wrapper({}, [print, ...odd]).exit;
      expect(stdout.split('\0').slice(0, -1)).toEqual(odd);
    },
  }),
  contained({
    name: 'script-with-two-commands',
    title: 'A script with two commands runs both, with its variables expanded once, by its own shell',
    origins: ['https://github.com/upciti/quitquitquit'],
    run: async (lab) => {
      const pod = await lab.pod();
      const exit = await pod.wrapper({}, sh('X=in; echo one; echo "two $X $Y"'), { env: { Y: '$HOME' } }).exit;
      expect(exit).toEqual({ code: 0, stdout: 'one\ntwo in $HOME\n', stderr: '' });
    },
  }),
  contained({
    name: 'stdin',
    title: 'What is written to the container arrives at the app, to the last byte',
    origins: ['https://github.com/upciti/quitquitquit', 'https://github.com/renatoaguimaraes/wrapper4'],
    run: async (lab) => {
      const pod = await lab.pod();
      const run = pod.wrapper({}, ['sha256sum'], { stdin: 'pipe' });
      run.stdin('abc'.repeat(1_000_000));
      const bare = pod.run(['sha256sum'], { stdin: 'pipe' });
      bare.stdin('abc'.repeat(1_000_000));
      expect(await run.exit).toEqual(await bare.exit);
    },
  }),
  contained({
    name: 'same-environment',
    title: "The environment is the container's: nothing of the wrapper's, nothing lost, whatever its names",
    // Shells drop variables whose names are not identifiers, as Spring's.
    origins: ['https://github.com/kvij/scuttle', 'istio/istio#11659', 'docker-library/openjdk#135'],
    run: async (lab) => {
      const pod = await lab.pod();
      const variables = { http_proxy: 'http://127.0.0.1:9', port: '1', name: '2', TEXT: 'a=b\n"$HOME" \\', EMPTY: '' };
      const shells = { RANDOM: '5', LINENO: '6', PS4: '7', ENV: '/etc/passwd', BASH_ENV: '/etc/passwd', ...variables };
      const taken = { PWD: '/x', SHLVL: '4', IFS: ',', OPTIND: '8', _url: '9' };
      const odd = { 'spring.datasource.url': "it's", 'my-var': '9', 'two words': 'a', "'`$HOME": 'b' };
      const bash = { 'BASH_FUNC_f%%': '() { echo f\n}', SHELLOPTS: 'xtrace', OPTIND: 'x', TEXT: 'a\n\nb\n' };
      const of = async ({ exit }: Run) => (await exit).stdout.split('\0').sort();
      for (const env of [{}, shells, { ...shells, ...taken }, { ...shells, ...odd }, { ...odd, ...bash }]) {
        const bare = await of(pod.run(['/usr/bin/env', '-0'], { env }));
        expect(await of(pod.wrapper({}, ['/usr/bin/env', '-0'], { env }))).toEqual(bare);
      }
    },
  }),
  contained({
    name: 'bytes-in-the-environment',
    title: 'Values in the environment keep their bytes, also those that are not UTF-8',
    origins: ['docker-library/openjdk#135'],
    run: async (lab) => {
      const pod = await lab.pod();
      // A value can't be given such bytes from here: the program between makes it.
      const given = (argv: string[]) => [
        '/usr/bin/perl',
        '-e',
        '$ENV{"a.b"} = "\\xff\\x80\\x01"; $ENV{BYTES} = "\\xc3("; exec @ARGV',
        ...argv,
      ];
      const app = sh('tr "\\0" "\\n" </proc/$$/environ | LC_ALL=C sort | od -An -tx1');
      const line = [...wrapperLine(0, 0).split(' '), ...app];
      expect(await pod.run(given(line)).exit).toEqual(await pod.run(given(app)).exit);
    },
  }),
  contained({
    name: 'same-open-files',
    title: 'The app has no open files but its own',
    run: async (lab) => {
      const pod = await lab.pod();
      const app = sh('cd /proc/$$/fd; echo *');
      const bare = (await pod.run(app).exit).stdout;
      for (const env of [{}, { 'a.b': 'c' }]) expect((await pod.wrapper({}, app, { env }).exit).stdout).toBe(bare);
    },
  }),
  contained({
    name: 'tools-named-like-applets',
    title: "The image's own tools run, not busybox's of the same name",
    run: async (lab) => {
      const pod = await lab.pod();
      for (const name of ['ls', 'date', 'cat', 'tar', 'env', 'sh', 'echo', 'test', 'printf', 'kill', 'true', 'wget']) {
        program(join(pod.folder, name), '#!/bin/bash\necho own');
        const { stdout } = await pod.wrapper({}, [name], { env: { PATH: `${pod.folder}:/usr/bin:/bin` } }).exit;
        expect(stdout, name).toBe('own\n');
      }
      return '12 of 12';
    },
  }),
  contained({
    name: 'orphans-are-reaped',
    title: 'Processes whose parent has ended leave no zombies while the app runs',
    run: async (lab) => {
      const pod = await lab.pod();
      const orphans = 'for i in 1 2 3 4 5 6 7 8; do sh -c "sleep 0.05 &"; done; sleep 0.5';
      const app = sh(`${orphans}; grep -l "^State:.Z" /proc/[0-9]*/status; exit 3`);
      expect(await pod.wrapper({}, app).exit).toEqual({ code: 3, stdout: '', stderr: '' });
      return 'no zombie';
    },
  }),
  contained({
    name: 'app-is-our-busybox',
    title:
      'An app that is /clockout/busybox itself, as for a shell in an image without one, gets SIGTERM and exits with its own code',
    origins: ['1Password/kubernetes-secrets-injector#52'],
    run: async (lab) => {
      const pod = await lab.pod();
      const script = 'trap "exit 4" TERM; echo up; while :; do sleep 0.05; done';
      const run = pod.wrapper({}, ['/clockout/busybox', 'sh', '-c', script]);
      await run.printed('up');
      run.signal('SIGTERM');
      expect(await run.exit).toEqual({ code: 4, stdout: 'up\n', stderr: '' });
      return 'exit code 4';
    },
  }),
  contained({
    name: 'program-before-the-wrapper',
    title:
      'A program that another webhook has put before our wrapper: the app gets SIGTERM once, and the proxy one quit',
    origins: ['1Password/kubernetes-secrets-injector#52', '1Password/kubernetes-secrets-injector#1'],
    run: async (lab) => {
      const script = 'trap "echo told $SECRET; exit 4" TERM; echo up; while :; do sleep 0.05; done';
      // The first becomes our wrapper, the second stays as its parent.
      for (const before of [['/usr/bin/env', 'SECRET=1'], sh('SECRET=1 "$@" & trap "kill $!" TERM; wait; wait $!')]) {
        const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
        const words = before[0] === '/bin/sh' ? [...before, 'sh'] : before;
        const run = pod.run([...words, ...wrapperLine(proxy.port, 5).split(' '), ...sh(script)]);
        await run.printed('up');
        run.signal('SIGTERM');
        expect(await run.exit).toEqual({ code: 4, stdout: 'up\ntold 1\n', stderr: '' });
        expect(proxy.quits()).toBe(1);
      }
      return 'exit code 4';
    },
  }),
  contained({
    name: 'parent-is-not-process-1',
    title: 'A program that takes process 1 as its parent for having lost its own runs',
    origins: ['jarun/nnn#1476'],
    run: async (lab) => {
      const pod = await lab.pod();
      expect(await pod.wrapper({}, sh('[ $PPID -ne 1 ] || exit 1; exit 5')).exit).toMatchObject({
        code: 5,
        stderr: '',
      });
      return 'another parent than process 1';
    },
  }),
  contained({
    name: 'child-outlives-the-app',
    title: 'An app whose children still run ends its container anyway',
    run: async (lab) => {
      const [pod, proxy] = await Promise.all([lab.pod(), lab.proxy()]);
      const run = pod.wrapper({ port: proxy.port }, sh('sleep 60 & setsid sleep 60 & exit 5'));
      const [exit, seconds] = await timed(run.exit);
      expect(exit).toMatchObject({ code: 5, stderr: '' });
      expect(seconds).toBeLessThan(3);
      expect(proxy.quits()).toBe(1);
      return 'exit code 5 at once';
    },
  }),
];
