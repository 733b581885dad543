/** Vitest calls it once, before all files: etcd must be there, or is installed, and Go must be there. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { aptInstall } from '../cluster/requirements.ts';

export default async function setup(): Promise<void> {
  if (!has('go', 'version'))
    throw new Error('These tests build kube-apiserver from its source. Install Go 1.26 or newer.');
  if (has('etcd', '--version')) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error('These tests need etcd, which is not there. Install it, or run them as root on Debian.');
  await aptInstall(['etcd-server']);
}

const has = (...[program = '', ...args]: string[]): boolean => spawnSync(program, args).error === undefined;
