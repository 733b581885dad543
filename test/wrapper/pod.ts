/**
 * Runs the scripts as a pod would: `plain` as ordinary processes in a folder (needs nothing), `contained` as PID 1 of
 * PID and mount namespaces of their own, with the real paths (needs root; see scripts/test-wrapper.ts).
 */
import { type ChildProcess, execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardScript, guardTracedScript, initScript, runScript, runTracedScript } from '../../src/wrapper/scripts.ts';

/** The busybox to test with: named by CLOCKOUT_TEST_BUSYBOX, or the one in PATH. */
export const busybox: string | undefined =
  process.env.CLOCKOUT_TEST_BUSYBOX ||
  (spawnSync('sh', ['-c', 'command -v busybox']).stdout?.toString().trim() ?? '') ||
  undefined;

/** The root folder of a contained pod's containers: set by scripts/test-wrapper.ts. */
const containerRoot: string | undefined = process.env.CLOCKOUT_TEST_ROOT;

type Options = {
  name: string;
  port: number;
  wait: number;
  late: 'start' | 'fail';
  quit: number | 'never';
  delay: number;
  urls: string;
  report: number;
  stop: string;
  guard: 'yes' | 'no';
};

type Exit = { code: number; stdout: string; stderr: string };

/** The scripts of a pod with the annotation `trace`, and of one without. */
export const scripts = {
  usual: { run: runScript, guard: guardScript },
  traced: { run: runTracedScript, guard: guardTracedScript },
};

/** What the scripts have decided, of a text on stderr or in a log; `rest` is what they also say without the annotation. */
export function splitTrace(text: string): { trace: string[]; rest: string } {
  const lines = text.split(/(?<=\n)/);
  const isTrace = (line: string) => line.startsWith('clockout: ');
  return {
    trace: lines.filter(isTrace).map((line) => line.trimEnd()),
    rest: lines.filter((line) => !isTrace(line)).join(''),
  };
}

export type Run = {
  /** As this machine sees it. */
  pid: () => number;
  /** Throws if it has not started: the signal would be lost. */
  signal: (signal: NodeJS.Signals | number) => void;
  /** To clean up: SIGKILL, if there is something to kill. */
  kill: () => void;
  stdin: (text: string) => void;
  /** As `stdin`, and more may come. */
  type: (text: string) => void;
  /** Resolves when its stdout has matched. */
  printed: (text: string) => Promise<void>;
  /** `stderr` is without what `trace` resolves to. */
  exit: Promise<Exit>;
  trace: Promise<string[]>;
};

type RunSettings = {
  env?: Record<string, string>;
  uid?: number;
  umask?: string;
  stdin?: 'pipe' | 'ignore';
  cwd?: string;
  /** A file for its stderr. */
  log?: string;
  /** The container that it is in, as which it has its mounts: `app` unless told. `guarded`: it has those of a guard. */
  container?: string;
  guarded?: boolean;
};

type Step = 'start' | 'end' | 'urls' | 'proxy';

export type Pod = {
  folder: string;
  /** What is mounted at /clockout. */
  tools: string;
  /** The state volume. */
  state: string;
  /** @param guards the containers that have a guard */
  init: (
    wrapped: string,
    probePort?: string,
    settings?: RunSettings,
    mark?: 'native' | 'kept',
    guards?: string,
  ) => Promise<Exit>;
  wrapper: (options: Partial<Options>, argv: string[], settings?: RunSettings) => Run;
  run: (argv: string[], settings?: RunSettings) => Run;
  /** Resolves when that container's wrapper has its traps: it does its step `start` after them. */
  started: (name?: string) => Promise<void>;
  /** Whether that container has done the step. */
  done: (name: string, step: Step) => boolean;
  remove: () => void;
};

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Mounts what the container has of the pod's volumes and a /proc for the new PID namespace, then becomes the container's
 * command, in a session of its own as runtimes do it (`kill 0` must not reach the tests). */
const enter = `
root=$1 uid=$2 cwd=$3; umask $4; shift 4
while [ "$1" != -- ]; do mount -o "$1" "$2" "$root$3" || exit; shift 3; done; shift
mount -t proc proc "$root/proc" && exec setsid chroot --userspec="$uid:$uid" --groups= "$root" /usr/bin/env -i -C "$cwd" "$@"`;

/** An empty pod with the init container's volumes; `init` runs that container. */
export function makePod(mode: 'plain' | 'contained', { run: runText, guard: guardText } = scripts.usual): Pod {
  if (busybox === undefined) throw new Error('expected a busybox in PATH or in CLOCKOUT_TEST_BUSYBOX');
  const folder = mkdtempSync(join(tmpdir(), 'clockout-pod-'));
  const clockout = join(folder, 'clockout');
  const state = join(folder, 'state');
  for (const volume of [clockout, state]) {
    mkdirSync(volume);
    chmodSync(volume, 0o777);
  }
  chmodSync(folder, 0o755);
  const bin = join(folder, 'busybox');
  copyFileSync(busybox, bin);

  /** The busybox to test is not this machine's; plain pods have the volumes in a folder, too. */
  const at = (text: string) => {
    const own = text.replaceAll('/bin/busybox', bin);
    if (mode === 'contained') return own;
    return own
      .replaceAll('/clockout-state', state)
      .replaceAll('/clockout-steps', `${state}/steps`)
      .replaceAll('/clockout-own', `${state}/steps/$_name`)
      .replaceAll('/clockout-alive', `${state}/alive/$_name`)
      .replaceAll('tools=/clockout', `tools=${clockout}`);
  };
  const mount = mode === 'contained' ? '/clockout' : clockout;

  const step = (name: string, step: Step) => join(state, 'steps', name, step);
  const done: Pod['done'] = (name, of) => {
    const found = lstatSync(step(name, of), { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === 0;
  };

  /** As the kubelet does it: what is missing it makes. @see src/inject/patch/add-mounts.ts for the same in a pod */
  const mounts = ({ container = 'app', guarded = false }: RunSettings): string[] => {
    const wanted: [options: string, subPath: string, at: string][] = [
      ['bind,ro', 'steps', '/clockout-steps'],
      ['bind', `steps/${container}`, '/clockout-own'],
      ['bind,ro', guarded ? 'alive' : `alive/${container}`, '/clockout-alive'],
    ];
    const made = wanted.map(([options, subPath, at]) => {
      const source = join(state, subPath);
      if (!existsSync(source)) {
        mkdirSync(source, { recursive: true });
        chmodSync(source, 0o777);
      }
      return [options, source, at];
    });
    return [['bind,ro', clockout, '/clockout'], ...made].flat();
  };

  const start = (argv: string[], settings: RunSettings, volumes: string[]): Run => {
    const env = { PATH: path, HOME: '/', ...settings.env };
    const stdio: StdioOptions = [
      settings.stdin ?? 'ignore',
      'pipe',
      settings.log ? openSync(settings.log, 'a') : 'pipe',
    ];
    const cwd = settings.cwd ?? folder;
    if (mode === 'plain') {
      const umask = settings.umask ? ['/bin/sh', '-c', `umask ${settings.umask}; exec "$@"`, 'umask'] : [];
      const [command = '', ...args] = [...umask, ...argv];
      return watch(spawn(command, args, { env, cwd, stdio }), false);
    }
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const place = [containerRoot ?? '', String(settings.uid ?? 0), cwd, settings.umask ?? '022'];
    const child = spawn(
      'unshare',
      [
        '--pid',
        '--fork',
        '--kill-child',
        '--mount',
        '/bin/sh',
        '-c',
        enter,
        'enter',
        ...place,
        ...volumes,
        '--',
        ...assignments,
        ...argv,
      ],
      { stdio },
    );
    return watch(child, true);
  };

  const run: Pod['run'] = (argv, settings = {}) => start(argv, settings, mode === 'plain' ? [] : mounts(settings));

  return {
    folder,
    tools: clockout,
    state,
    run,
    init: (wrapped, probePort = '-', settings = {}, mark = 'native', guards = 'istio-proxy') => {
      const argv = [
        at('/bin/busybox'),
        'sh',
        '-c',
        at(initScript),
        'clockout-init',
        at(runText),
        at(guardText),
        probePort,
        wrapped,
        guards,
        mark,
      ];
      return start(argv, settings, ['bind', clockout, '/clockout', 'bind', state, '/clockout-state']).exit;
    },
    wrapper: (options, argv, settings = {}) => {
      const all: Options = {
        name: 'app',
        port: 0,
        wait: 10,
        late: 'start',
        quit: 10,
        delay: 0,
        urls: '',
        report: 0,
        stop: 'TERM',
        guard: 'yes',
        ...options,
      };
      const words = Object.entries(all).map(([option, value]) => `${option}=${value}`);
      // An earlier run's, which `started` would take for this one's.
      if (done(all.name, 'start')) forget(step(all.name, 'start'));
      const inside = { container: all.name, ...settings };
      return run([`${mount}/busybox`, 'sh', `${mount}/run`, ...words, '--', ...argv], inside);
    },
    started: async (name = 'app') => {
      for (let i = 0; i < 25_000; i++, await sleep(1)) if (done(name, 'start')) return;
      throw new Error(`expected the wrapper of ${name} to do its step start within 25 s`);
    },
    done,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function watch(child: ChildProcess, contained: boolean): Run {
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
    for (const check of waiting) check();
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Exit & { trace: string[] }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const { trace, rest } = splitTrace(stderr);
      resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], stdout, stderr: rest, trace });
      for (const check of waiting) check();
    });
  });
  let known: number | undefined;
  /** `unshare` is the parent of the namespace's PID 1. */
  const pid = () => {
    if (!contained) return child.pid ?? 0;
    known ||= Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0]);
    if (known === 0) throw new Error('expected the process to have started, and not to have ended');
    return known;
  };
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const kill = (name: NodeJS.Signals | number) => {
    try {
      if (!hasEnded()) process.kill(pid(), name);
    } catch {
      // It has ended meanwhile.
    }
  };
  return {
    pid,
    exit: ended.then(({ code, stdout, stderr }) => ({ code, stdout, stderr })),
    trace: ended.then(({ trace }) => trace),
    signal: (name) => {
      // What has printed has started, and may only have ended meanwhile.
      if (stdout === '' && !hasEnded()) pid();
      kill(name);
    },
    kill: () => kill('SIGKILL'),
    stdin: (text) => child.stdin?.end(text),
    type: (text) => child.stdin?.write(text),
    printed: (text) =>
      new Promise((resolve) => {
        const check = () => {
          if (!stdout.includes(text) && !hasEnded()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

/** Makes the root folder of contained pods: this machine's programs, and mount points for the rest. */
export function makeRoot(root: string, alsoVisible: string[]): void {
  const ours = ['clockout', 'clockout-state', 'clockout-steps', 'clockout-own', 'clockout-alive'];
  for (const folder of ['proc', 'dev', 'etc', 'usr', ...ours, ...alsoVisible]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    // Forced, since a link of an earlier run points nowhere until /usr is mounted.
    if (existsSync(`/${link}`)) execFileSync('ln', ['-sfn', `usr/${link}`, join(root, link)]);
  }
  for (const folder of ['/dev', '/usr', '/etc', ...alsoVisible])
    execFileSync('mount', ['--rbind', folder, join(root, folder)]);
}

/** Makes a step undone; on a full disk it stays done. */
function forget(step: string): void {
  try {
    writeFileSync(step, '\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** An executable file with this text. */
export function program(file: string, text: string, mode = 0o755): string {
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
