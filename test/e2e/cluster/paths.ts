/** Where things are kept: what was built in the user's cache, a running cluster's state in one folder of its own. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Binaries and images; each part in a folder that carries a hash of what it was made from. */
export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clockout-cluster');

/** All that `up` makes. The path is short, since a unix socket's may have 107 bytes, and fixed, since ports are fixed too. */
export const builtState = '/var/lib/clockout-cluster';

/** What `use` notes of a cluster of your own: see own-cluster.ts. */
export const ownState = join(cache, 'own-cluster');
export const ownKubeconfig = join(ownState, 'admin.kubeconfig');
export const isOwnCluster = existsSync(ownKubeconfig);

/** The state of the cluster in use. */
export const state = isOwnCluster ? ownState : builtState;

/** This folder, with the Go sources. */
export const here = import.meta.dirname;

/** The project's root. */
export const root = join(here, '../../..');

/** A path below the state folder. */
export const inState = (...parts: string[]): string => join(state, ...parts);

/** A short hash over files, folders (all files below) and plain strings. */
export function hashOf(sources: { files?: string[]; values?: string[] }): string {
  const hash = createHash('sha256');
  for (const file of (sources.files ?? []).flatMap(filesBelow)) hash.update(readFileSync(file)).update('\0');
  for (const value of sources.values ?? []) hash.update(value).update('\0');
  return hash.digest('hex').slice(0, 12);
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
