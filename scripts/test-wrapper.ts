/**
 * `npm run test:wrapper`: the wrapper's and the guard's thorough tests (test/e2e/wrapper/), as process 1 in namespaces of
 * their own, under several builds of busybox. Needs root, util-linux and apt-get. `-- --only musl` takes one build; other
 * words go to vitest.
 */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { busyboxes, cache } from '../test/e2e/wrapper/busyboxes.ts';
import { makeRoot } from '../test/wrapper/pod.ts';

const project = resolve(import.meta.dirname, '..');

/** Runs in the mount namespace that `main` made: what is mounted here goes with it. */
function inside(args: string[]): number {
  // Never removed: through its mounts that could remove what is mounted.
  const root = join(cache, 'root');
  const busybox = process.env.CLOCKOUT_TEST_BUSYBOX ?? '';
  makeRoot(root, [tmpdir(), project, dirname(process.execPath), dirname(busybox)]);
  const config = args.includes('--config') ? [] : ['--config', 'test/e2e/wrapper/vitest.config.ts'];
  const { status } = spawnSync('npx', ['vitest', 'run', ...config, ...args], {
    cwd: project,
    stdio: 'inherit',
    env: { ...process.env, CLOCKOUT_TEST_ROOT: root },
  });
  return status ?? 1;
}

function main(args: string[]): number {
  const missing = ['unshare', 'nsenter', 'apt-get', 'dpkg'].filter((tool) => spawnSync(tool, ['--version']).error);
  if (process.getuid?.() !== 0 || missing.length > 0) {
    console.log(
      `skipped: expected root and apt-get, dpkg, unshare, nsenter; not there: ${missing.join(' ') || 'root'}`,
    );
    return 0;
  }
  const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
  const chosen = Object.entries(busyboxes).filter(([name]) => only === undefined || only === name);
  if (chosen.length === 0) {
    console.log(`expected --only ${Object.keys(busyboxes).join(', ')}; found ${only}`);
    return 2;
  }
  const failed = chosen.filter(([name, make]) => {
    const busybox = make();
    console.log(`\n=== ${name}`);
    const unshare = ['--mount', '--propagation', 'private', process.execPath, import.meta.filename, 'inside', ...args];
    const env = { ...process.env, CLOCKOUT_TEST_BUSYBOX: busybox };
    return spawnSync('unshare', unshare, { stdio: 'inherit', env }).status !== 0;
  });
  return failed.length > 0 ? 1 : 0;
}

const [first, ...rest] = process.argv.slice(2);
process.exitCode = first === 'inside' ? inside(rest) : main(process.argv.slice(2));
