/**
 * Runs the scripts as a pod would: `plain` as ordinary processes in a folder (needs nothing), `contained` as PID 1 of
 * PID and mount namespaces of their own, with the real paths (needs root; see scripts/test-wrapper.ts).
 */
import { type ChildProcess, execFileSync, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
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
import { guardScript, initScript, runScript } from '../../../src/inject/scripts.ts';

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
  guard: 'yes' | 'no';
};

type Exit = { code: number; stdout: string; stderr: string };

export type Run = {
  /** As this machine sees it. */
  pid: () => number;
  /** Throws if it has not started: the signal would be lost. */
  signal: (name: NodeJS.Signals) => void;
  /** To clean up: SIGKILL, if there is something to kill. */
  kill: () => void;
  stdin: (text: string) => void;
  /** Resolves when its stdout has matched. */
  printed: (text: string) => Promise<void>;
  exit: Promise<Exit>;
};

type RunSettings = {
  env?: Record<string, string>;
  uid?: number;
  umask?: string;
  stdin?: 'pipe' | 'ignore';
  cwd?: string /** A file for its stderr. */;
  log?: string;
};

export type Pod = {
  folder: string;
  state: string;
  init: (ends: string, probePort?: string, settings?: RunSettings, mark?: 'native' | 'kept') => Promise<Exit>;
  wrapper: (options: Partial<Options>, argv: string[], settings?: RunSettings) => Run;
  run: (argv: string[], settings?: RunSettings) => Run;
  /** Resolves when that container's wrapper has its traps: it marks its start after them. */
  started: (name?: string) => Promise<void>;
  read: (file: string) => string | undefined;
  remove: () => void;
};

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Mounts the pod's volumes and a /proc for the new PID namespace, then becomes the container's command, in a session of
 * its own as runtimes do it (`kill 0` must not reach the tests). */
const enter = `
root=$1 clockout=$2 state=$3 uid=$4 cwd=$5; umask $6; shift 6
mount --bind "$clockout" "$root/clockout" && mount --bind "$state" "$root/clockout-state" &&
mount -t proc proc "$root/proc" && exec setsid chroot --userspec="$uid:$uid" --groups= "$root" /usr/bin/env -i -C "$cwd" "$@"`;

/** An empty pod with the init container's volumes; `init` runs that container. */
export function makePod(mode: 'plain' | 'contained'): Pod {
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
    return mode === 'contained'
      ? own
      : own.replaceAll('/clockout-state', state).replaceAll('d=/clockout', `d=${clockout}`);
  };
  const mount = mode === 'contained' ? '/clockout' : clockout;

  const read: Pod['read'] = (file) => {
    const full = join(state, file);
    return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
  };

  const run: Pod['run'] = (argv, settings = {}) => {
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
    const inside = [containerRoot ?? '', clockout, state, String(settings.uid ?? 0), cwd, settings.umask ?? '022'];
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
        ...inside,
        ...assignments,
        ...argv,
      ],
      { stdio },
    );
    return watch(child, true);
  };

  return {
    folder,
    state,
    run,
    init: (ends, probePort = '-', settings, mark = 'native') => {
      const argv = [
        at('/bin/busybox'),
        'sh',
        '-c',
        at(initScript),
        'clockout-init',
        at(runScript),
        at(guardScript),
        probePort,
        ends,
        mark,
      ];
      return run(argv, settings).exit;
    },
    wrapper: (options, argv, settings) => {
      const all: Options = {
        name: 'app',
        port: 0,
        wait: 10,
        late: 'start',
        quit: 10,
        delay: 0,
        urls: '',
        guard: 'yes',
        ...options,
      };
      const words = Object.entries(all).map(([option, value]) => `${option}=${value}`);
      return run([`${mount}/busybox`, 'sh', `${mount}/run`, ...words, '--', ...argv], settings);
    },
    started: async (name = 'app') => {
      for (let i = 0; i < 10_000; i++, await sleep(1)) if (read(`${name}.rc`) === '') return;
      throw new Error(`expected the wrapper of ${name} to mark its start, found ${read(`${name}.rc`)}`);
    },
    read,
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
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], stdout, stderr });
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
  const kill = (name: NodeJS.Signals) => {
    try {
      if (!hasEnded()) process.kill(pid(), name);
    } catch {
      // It has ended meanwhile.
    }
  };
  return {
    pid,
    exit,
    signal: (name) => {
      // What has printed has started, and may only have ended meanwhile.
      if (stdout === '' && !hasEnded()) pid();
      kill(name);
    },
    kill: () => kill('SIGKILL'),
    stdin: (text) => child.stdin?.end(text),
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
  for (const folder of ['proc', 'dev', 'etc', 'usr', 'clockout', 'clockout-state', ...alsoVisible]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) {
    // Forced, since a link of an earlier run points nowhere until /usr is mounted.
    if (existsSync(`/${link}`)) execFileSync('ln', ['-sfn', `usr/${link}`, join(root, link)]);
  }
  for (const folder of ['/dev', '/usr', '/etc', ...alsoVisible])
    execFileSync('mount', ['--rbind', folder, join(root, folder)]);
}

/** An executable file with this text. */
export function program(file: string, text: string, mode = 0o755): string {
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
