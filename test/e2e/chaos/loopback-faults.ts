/** The faults that `npm run chaos` makes around a server on loopback. They take root on Linux, and `npm run build`. */
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordinaryReview } from '../../../bench/compare.ts';
import { openLoad } from '../../../bench/load.ts';
import { mountSecret } from '../../../bench/mounted-secret.ts';
import { createReviews, lengthen } from '../../../bench/reviews.ts';
import { bundle, startInCgroup } from '../../../bench/servers.ts';
import { makeCgroup } from '../attack/memory-cgroup.ts';
import { limitMebibytes } from '../attack/target.ts';
import { eventually, sleep } from '../cluster/progress.ts';
import type { LoopbackFault, Opened } from './fault.ts';

export const loopbackFaults: readonly LoopbackFault[] = [
  clockJumps('clock-forward', "the server's clock jumps 2 hours forward, and 20 s later back", '+2h'),
  clockJumps('clock-back', "the server's clock jumps 2 hours back, and 20 s later forward", '-2h'),
  {
    name: 'disk-full',
    title: 'the disk is full',
    seconds: 20,
    window: 0,
    open: fillDisk,
  },
  {
    name: 'memory-limit',
    title: `4 connections send pods of 3 MiB, within ${limitMebibytes} MiB`,
    seconds: 20,
    window: 0,
    open: sendLargePods,
  },
];

// --- internal ---

/** Its timers do not jump: the kernel's monotonic clock does not, either. While it has jumped, the certificate is replaced. */
function clockJumps(name: string, title: string, offset: string): LoopbackFault {
  const open = async (): Promise<Opened> => {
    const secret = await mountSecret();
    const folder = mkdtempSync(join(tmpdir(), 'clockout-clock-'));
    const file = join(folder, 'offset');
    writeFileSync(file, '+0');
    const server = await startInCgroup(bundle, undefined, secret.flags, {
      LD_PRELOAD: findLibfaketime(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    const presented = async () => {
      const load = await openLoad(server.url, createReviews(ordinaryReview), 1);
      load.close();
      return load.fingerprint;
    };
    const first = await presented();
    return {
      url: server.url,
      make: async () => {
        writeFileSync(file, offset);
        await sleep(3000);
        await secret.rotate();
        return async () => writeFileSync(file, '+0');
      },
      findWrong: async () => {
        // The files are read again once a minute at the latest.
        const isNew = () => eventually('the other certificate', 75, async () => (await presented()) !== first, 1000);
        return await isNew().then(
          () => [],
          () => ['the certificate that came meanwhile is not presented'],
        );
      },
      close: async () => {
        await server.ended();
        secret.remove();
        rmSync(folder, { recursive: true });
      },
    };
  };
  return { name, title, seconds: 20, window: 0, open };
}

/** Of Debian's package. */
function findLibfaketime(): string {
  const find = () => globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0];
  const found = find();
  if (found) return found;
  execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', 'faketime'], { stdio: 'ignore' });
  const installed = find();
  if (installed) return installed;
  throw new Error('expected libfaketime, found none: install the package faketime');
}

/**
 * A small file system that holds all that the server may write. Its log goes to a pipe, which is read on whatever the disk says, as
 * containerd does it: https://github.com/containerd/containerd/blob/v2.1.4/internal/cri/io/logger.go (redirectLogs)
 */
async function fillDisk(): Promise<Opened> {
  const disk = mkdtempSync(join(tmpdir(), 'clockout-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  const start = () => startInCgroup(bundle, undefined, [], { TMPDIR: disk, HOME: disk, NODE_COMPILE_CACHE: disk });
  const server = await start();
  const filler = join(disk, 'filler');
  let startsAnew = false;
  return {
    url: server.url,
    make: async () => {
      try {
        writeFileSync(filler, Buffer.alloc(1024 * 1024));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
      const another = await start();
      startsAnew = true;
      await another.ended();
      return async () => rmSync(filler);
    },
    findWrong: async () => (startsAnew ? [] : ['a replica does not start']),
    close: async () => {
      await server.ended();
      execFileSync('umount', ['--lazy', disk]);
      rmSync(disk, { recursive: true });
    },
  };
}

async function sendLargePods(): Promise<Opened> {
  const cgroup = makeCgroup('chaos', limitMebibytes * 1024 * 1024);
  const server = await startInCgroup(bundle, cgroup.procs);
  const body = lengthen(ordinaryReview, 3 * 1024 * 1024, 3000);
  return {
    url: server.url,
    make: async () => {
      let over = false;
      const send = async () => {
        const load = await openLoad(server.url, createReviews(body), 1);
        while (!over) await load.send(1);
        load.close();
      };
      // It may refuse some of them for want of room, which ends their connection.
      const again = async () => {
        while (!over) await send().catch(() => {});
      };
      const senders = Promise.all(Array.from({ length: 4 }, again));
      return async () => {
        over = true;
        await senders;
      };
    },
    findWrong: async () => (cgroup.oomKills() > 0 ? ['the kernel ended it for want of memory'] : []),
    close: async () => {
      await server.ended();
      await cgroup.remove();
    },
  };
}
