/** `tty: true`: the app has the terminal as it would without the wrapper between. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Run } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, wrapperLine } from './lab.ts';

const interrupt = '\x03';
const suspend = '\x1a';
const endOfInput = '\x04';

/** Made by script(1), which writes what is typed to it, and passes on the exit code. */
const onTerminal = (command: string): string[] => ['script', '-qefc', command, '/dev/null'];

/** Runs the same script on two terminals, under the wrapper and without; `act` once each has printed `up`. */
async function both(
  lab: Lab,
  script: string,
  act: (run: Run) => unknown = () => {},
  { shell = '/bin/sh -c', env = {} }: { shell?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const pod = await lab.pod();
  const ends = [wrapperLine(0, 0), ''].map(async (before) => {
    const app = onTerminal(`exec ${before} ${shell} '${script}'`);
    const run = pod.run(app, { stdin: 'pipe', env });
    await run.printed('up');
    await act(run);
    return await run.exit;
  });
  const [wrapped, bare] = await Promise.all(ends);
  expect(wrapped).toEqual(bare);
  return 'as without the wrapper';
}

const type = (text: string) => (run: Run) => run.type(text);

/** The process that script(1) has started: the container's process 1. */
const childOf = (run: Run): number =>
  Number(readFileSync(`/proc/${run.pid()}/task/${run.pid()}/children`, 'utf8').trim().split(' ')[0]);

const waits = 'echo up; while :; do sleep 0.05; done';

export const terminals: Case<ContainedPlace>[] = [
  contained({
    name: 'terminal',
    title: 'A terminal stays one, for input and output, and its size is known',
    run: async (lab) => {
      return await both(lab, 'stty cols 91; stty size; test -t 0 && test -t 1 && test -t 2 && echo up && exit 7');
    },
  }),
  contained({
    name: 'terminal-environment',
    title:
      "On a terminal the environment is the container's, too, and an app that a signal ends leaves no line in the log",
    run: async (lab) => {
      const env = { name: 'n', sh: 's', become: 'b', rc: 'r', _s: '1' };
      return await both(lab, 'echo up; echo $name $sh $become $rc $_s; kill -TERM $$', undefined, { env });
    },
  }),
  contained({
    name: 'terminal-device',
    title: 'An app reads and writes /dev/tty, whatever its own input and output are',
    run: async (lab) => {
      const app = '{ echo up >/dev/tty; read x </dev/tty; echo got $x >/dev/tty; } </dev/null >/dev/null 2>&1; exit 4';
      return await both(lab, app, type('word\n'));
    },
  }),
  contained({
    name: 'terminal-read-by-timeout',
    title: 'GNU timeout, whose child is in a process group of its own, reads from the terminal',
    origins: ['kubeflow/mpi-operator#480'],
    run: async (lab) => {
      return await both(lab, 'echo up; head -1; exit 3', type('line\n'), { shell: 'timeout 60 /bin/sh -c' });
    },
  }),
  contained({
    name: 'terminal-interrupt',
    title: '^C reaches the app and its children, and not the wrapper',
    run: async (lab) => {
      await both(lab, `trap "echo told; exit 6" INT; ${waits}`, type(interrupt));
      // A child that has started when it says so: dash forgets an interrupt that comes while it starts one.
      return await both(lab, 'bash -c "echo up; read x"; exit $?', type(interrupt));
    },
  }),
  contained({
    name: 'terminal-job-control',
    title: 'A shell with job control stops a job by ^Z, lists it, and takes it back to the foreground',
    run: async (lab) => {
      const script = 'set -m; sh -c "echo up; cat; exit 9"; jobs; echo listed; fg; echo came back with $?; exit 3';
      const stopAndGoOn = async (run: Run) => {
        run.type(suspend);
        await run.printed('listed');
        run.type(endOfInput);
      };
      return await both(lab, script, stopAndGoOn, { shell: '/bin/bash -c' });
    },
  }),
  contained({
    name: 'terminal-interactive-shell',
    title:
      'An interactive bash has job control: ^C ends a command and not the shell, ^Z stops a job, and fg continues it',
    origins: ['Yelp/dumb-init#51', 'krallin/tini#50'],
    run: async (lab) => {
      const pod = await lab.pod();
      // Without echo and line editing, the output has only what the commands print.
      const shell = 'env PS1= bash --norc --noprofile --noediting -i';
      const ends = [wrapperLine(0, 0), ''].map(async (before) => {
        const run = pod.run(onTerminal(`stty -echo; echo quiet; exec ${before} ${shell}`), { stdin: 'pipe' });
        await run.printed('quiet');
        const steps: [type: string, until: string][] = [
          ['echo u""p\n', 'up'],
          // It says that it has ended before more is typed: an interrupt drops what a terminal has not delivered yet.
          ['sh -c "trap \'echo told; exit 6\' INT; echo one; while :; do sleep 0.05; done"\n', 'one'],
          [interrupt, 'told'],
          ['echo code $?\n', 'code 6'],
          ['sh -c "echo two; cat; echo three"\n', 'two'],
          [suspend, 'Stopped'],
          ['jobs | grep -c Stopped\n', '1'],
          ['fg >/dev/null; exit 7\n', ''],
        ];
        for (const [text, until] of steps) {
          run.type(text);
          await run.printed(until);
        }
        run.type(endOfInput);
        const { code, stdout } = await run.exit;
        return { code, stdout };
      });
      const [wrapped, bare] = await Promise.all(ends);
      expect(wrapped).toEqual(bare);
      expect(wrapped).toMatchObject({ code: 7, stdout: expect.stringContaining('three') });
      expect(wrapped?.stdout).not.toContain('no job control');
      return 'as without the wrapper';
    },
  }),
  contained({
    name: 'terminal-resized',
    title: 'SIGWINCH reaches the app when its terminal gets another size',
    run: async (lab) => {
      return await both(lab, 'trap "echo resized" WINCH; echo up; stty cols 91; sleep 0.1; exit 5');
    },
  }),
  contained({
    name: 'terminal-told-to-end',
    title: 'SIGTERM reaches an app on a terminal, which ends with its own code',
    run: async (lab) => {
      return await both(lab, `trap "echo told; exit 8" TERM; ${waits}`, (run) => process.kill(childOf(run), 'SIGTERM'));
    },
  }),
];
