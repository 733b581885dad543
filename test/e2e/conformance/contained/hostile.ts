/**
 * Containers that mean harm. What a container can write is its own steps, and its FIFO (a sidecar with a guard: all of them).
 * Whatever it puts there: no file of others changes, their apps run and their codes count, and the pod ends.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { makePod, type Pod } from '../../../wrapper/pod.ts';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, runsAfter, sh, ticksBeside, timed } from './lab.ts';

const user = 1000;
const secret = 'the secret of root\n';

/** A file of root's, and one that there is not: paths that lead to the same in all containers. */
function victims(pod: Pod) {
  const file = join(pod.folder, 'secret');
  const missing = join(pod.folder, 'missing');
  writeFileSync(file, secret, { mode: 0o600 });
  const unharmed = () => ({ file: readFileSync(file, 'utf8'), missing: existsSync(missing) });
  return { file, missing, unharmed };
}
const asBefore = { file: secret, missing: false };

/** What may be put in a step's place: the shell's words for it. */
const plants: [name: string, plant: (paths: { file: string; missing: string }) => string][] = [
  ['a link to a file of root’s', ({ file }) => `ln -s ${file} $s`],
  ['a link to nowhere', ({ missing }) => `ln -s ${missing} $s`],
  ['a link to a device', () => 'ln -s /dev/zero $s'],
  ['a FIFO', () => 'mkfifo -m 666 $s'],
  ['a folder', () => 'mkdir -p $s/a/b'],
  ['nothing', () => ':'],
  ['a large file', () => 'truncate -s 1G $s'],
  ['a file that nobody may open', () => 'echo >$s; chmod 0 $s'],
];

const plantAll = (plant: string) =>
  `for s in start end urls proxy; do s=/clockout-own/$s; rm -rf $s; ${plant}; done 2>/dev/null; chmod 777 /clockout-own`;

export const hostile: Case<ContainedPlace>[] = [
  ...plants.map(([name, plant]) =>
    contained({
      name: `planted-${name.replaceAll(/[^A-Za-z]+/g, '-').toLowerCase()}`,
      title: `An app that puts ${name} in place of its steps: its neighbour runs as root, no file of others changes, and the pod ends`,
      run: async (lab) => {
        const pod = await lab.pod('app:any:3600,other:any:3600', { user });
        const { port, run } = await lab.agent(pod);
        const { unharmed, ...paths } = victims(pod);
        const before = pod.wrapper({ port, name: 'other' }, sh('echo up; read x; echo ran; exit 5'), { stdin: 'pipe' });
        await before.printed('up');
        const app = pod.wrapper({ port }, sh(`${plantAll(plant(paths))}; exit 3`), { uid: user });
        expect(await app.exit).toEqual({ code: 3, stdout: '', stderr: '' });
        before.stdin('\n');
        expect(await before.exit).toEqual({ code: 5, stdout: 'up\nran\n', stderr: '' });
        expect((await run.exit).code).toBe(0);
        expect(unharmed()).toEqual(asBefore);
        return 'codes 3 and 5, and the proxy ends';
      },
    }),
  ),
  contained({
    name: 'planted-before-a-retry',
    title:
      'An app that puts links, FIFOs and folders in place of its steps and fails: its retry succeeds, and the pod ends',
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0', { user });
      const { port, run } = await lab.agent(pod);
      const { unharmed, ...paths } = victims(pod);
      for (const [, plant] of plants) {
        const failed = pod.wrapper({ port }, sh(`${plantAll(plant(paths))}; exit 1`), { uid: user });
        expect(await failed.exit).toEqual({ code: 1, stdout: '', stderr: '' });
      }
      expect(await runsAfter(run, 1500)).toBe(true);
      expect((await pod.wrapper({ port }, sh('exit 0'), { uid: user }).exit).code).toBe(0);
      expect((await run.exit).code).toBe(0);
      expect(unharmed()).toEqual(asBefore);
    },
  }),
  contained({
    name: 'neighbours-out-of-reach',
    title: "An app as root can change none of its neighbour's steps and FIFOs, nor of the tools",
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:any:3600');
      const files = [
        '/clockout/run',
        '/clockout/x',
        '/clockout-steps/other/end',
        '/clockout-steps/x',
        '/clockout-alive/x',
      ];
      const tries = files.map(
        (file) =>
          `for c in 'echo >' 'rm -f ' 'ln -s x ' 'mkfifo ' 'mkdir ' 'mv /etc/hostname '; do eval "$c${file}" && echo "$c${file}"; done`,
      );
      const { stdout } = await pod.wrapper(
        {},
        sh(`exec 2>/dev/null; ${tries.join('; ')}; ls /clockout-alive; ls /clockout-state`),
      ).exit;
      // `rm -f` of what is not there succeeds.
      const missing = ['/clockout/x', '/clockout-steps/x', '/clockout-alive/x'].map((file) => `rm -f ${file}`);
      expect(stdout.split('\n').filter((line) => !missing.includes(line))).toEqual(['alive', '']);
      expect(readdirSync(join(pod.state, 'steps/other')).sort()).toEqual(['end', 'proxy', 'start', 'urls']);
    },
  }),
  contained({
    name: 'flooded-fifo',
    title: 'An app that floods its own FIFO costs the guard nothing noticeable, and its end is seen',
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0,other:any:3600');
      const { port, run } = await lab.agent(pod);
      const other = pod.wrapper({ port, name: 'other' }, sh('echo up; read x; exit 5'), { stdin: 'pipe' });
      const flood =
        'echo up; cat /dev/zero >/clockout-alive/alive & yes >/clockout-alive/alive & read x; kill %1 %2; exit 0';
      const app = pod.wrapper({ port }, ['/bin/bash', '-mc', flood], { uid: user, stdin: 'pipe' });
      await Promise.all([app.printed('up'), other.printed('up')]);
      const before = ticksBeside(run.pid());
      await sleep(3000);
      const used = ticksBeside(run.pid()) - before;
      expect(used).toBeLessThan(10);
      app.stdin('\n');
      other.stdin('\n');
      expect([(await app.exit).code, (await other.exit).code]).toEqual([0, 5]);
      expect((await run.exit).code).toBe(0);
      return `${used * 10} ms of CPU in 3 s`;
    },
  }),
  contained({
    name: 'flooded-by-a-sidecar',
    title:
      'A sidecar with a guard that floods all FIFOs costs guards and wrappers nothing noticeable, and the pod ends',
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0', { guards: 'istio-proxy,helper' });
      const { run } = await lab.agent(pod);
      const flood =
        'trap "exit 0" TERM; for f in app istio-proxy helper; do cat /dev/zero >/clockout-alive/$f/alive & done; echo up; wait';
      const helper = await lab.sidecar(pod, 'helper', sh(flood), { sidecar: user, guard: user });
      const app = pod.wrapper({ port: 1, wait: 4 }, sh('echo up; read x; exit 0'), { stdin: 'pipe' });
      await pod.started();
      await sleep(500);
      const ticks = () => [run, app].map((each) => ticksBeside(each.pid()));
      const [guard = 0, wrapper = 0] = ticks();
      await sleep(2000);
      const [guardAfter = 0, wrapperAfter = 0] = ticks();
      expect(guardAfter - guard).toBeLessThan(10);
      // It asks ten times a second whether the proxy is ready, and each is a process.
      expect(wrapperAfter - wrapper).toBeLessThan(40);
      await app.printed('up');
      app.stdin('\n');
      expect((await app.exit).code).toBe(0);
      helper.kill();
      const [exit, seconds] = await timed(run.exit);
      expect(exit.code).toBe(0);
      expect(seconds).toBeLessThan(15);
    },
  }),
  contained({
    name: 'links-before-a-guard',
    title: 'A sidecar that changes its user plants links while its guard, as root, starts: no file changes',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600', { user, guards: 'istio-proxy,helper' });
      const { port, run } = await lab.agent(pod);
      const { unharmed, ...paths } = victims(pod);
      // From one moment to the next a file, a link, a file: renamed, so that there always is one.
      const race = `trap 'exit 0' TERM; cd /clockout-own; echo up; while :; do for s in start end urls proxy; do ln -s ${paths.file} l; mv -f l $s; echo >f; mv -f f $s; done; done 2>/dev/null`;
      const helper = await lab.sidecar(pod, 'helper', sh(race), { sidecar: user, guard: 0 });
      await sleep(1500);
      expect((await pod.wrapper({ port, quit: 2 }, sh('exit 4')).exit).code).toBe(4);
      expect((await run.exit).code).toBe(0);
      await helper.exit;
      expect(unharmed()).toEqual(asBefore);
    },
  }),
  contained({
    name: 'init-after-hostile-containers',
    title:
      'In a lost sandbox the init container runs again over links, FIFOs and folders of several users: none is followed',
    run: async (lab) => {
      const pod = await lab.pod('app:any:3600,other:zero:0', { user });
      const { unharmed, ...paths } = victims(pod);
      const all = plants.map(([, plant]) => `${plantAll(plant(paths))}; cp -a /clockout-own /clockout-own/$((n += 1))`);
      for (const uid of [user, 0])
        expect((await pod.wrapper({}, sh(`n=0; ${all.join('; ')}; exit 0`), { uid }).exit).code).toBe(0);
      expect((await pod.wrapper({ name: 'other' }, sh('exit 0'), { uid: user }).exit).code).toBe(0);
      const inode = statSync(join(pod.state, 'steps/app')).ino;
      const again = await pod.init('app:any:3600,other:zero:0', '-', { uid: user });
      expect(again.code).toBe(0);
      expect(statSync(join(pod.state, 'steps/app')).ino).toBe(inode);
      expect([pod.done('other', 'end'), pod.done('app', 'start')]).toEqual([true, false]);
      expect(unharmed()).toEqual(asBefore);
      const { port, run } = await lab.agent(pod);
      expect((await pod.wrapper({ port }, sh('exit 6'), { uid: user }).exit).code).toBe(6);
      expect((await run.exit).code).toBe(0);
    },
  }),
  contained({
    name: 'locked-folder',
    title:
      'An app that puts FIFOs in place of its steps and locks their folder: its retry runs, and so does the init container in a lost sandbox',
    run: async (lab) => {
      const pod = await lab.pod('app:zero:0', { user });
      const lock = 'cd /clockout-own; rm -f *; mkfifo start end urls proxy; chmod 555 .';
      expect((await pod.wrapper({}, sh(`${lock}; exit 1`), { uid: user }).exit).code).toBe(1);
      expect((await pod.wrapper({}, sh('exit 2'), { uid: user }).exit).code).toBe(2);
      const again = await pod.init('app:zero:0', '-', { uid: user });
      expect(again).toEqual({
        code: 0,
        stdout: '',
        stderr: 'CLOCKOUT: cannot write to /clockout-state/steps/app\n',
      });
      const { port, run } = await lab.agent(pod);
      expect((await pod.wrapper({ port }, sh('exit 0'), { uid: user }).exit).code).toBe(0);
      expect((await run.exit).code).toBe(0);
    },
  }),
  contained({
    name: 'guard-without-its-mount',
    title: 'A guard whose mount is missing does nothing, and leaves the end to the wrappers',
    run: async (lab) => {
      const pod = await lab.pod();
      const { port, run } = await lab.agent(pod, {}, false);
      mkdirSync(join(pod.folder, 'empty'));
      const blind = makePod('contained');
      await blind.init('app:any:0', '-', {}, 'native', '');
      const helper = await lab.sidecar(blind, 'helper', sh('echo up; exec sleep 60'), { sidecar: 0, guard: 0 });
      expect(await runsAfter(helper, 1500)).toBe(true);
      helper.kill();
      await helper.exit;
      blind.remove();
      expect((await pod.wrapper({ port }, sh('exit 3')).exit).code).toBe(3);
      expect((await run.exit).code).toBe(0);
    },
  }),
];
