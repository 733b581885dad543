/**
 * How containerd makes a container's root of an image's layers: stacked as overlays, or copied file by file where the kernel
 * refuses that, as it does inside a container whose own root is an overlay. Copies take most of the time of a pod's start.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from './exec.ts';
import { inState } from './paths.ts';
import { tryRead } from './processes.ts';

type Snapshotter = 'overlayfs' | 'native';

const file = inState('snapshotter');

/** Tries it in the state folder, where the layers will be. */
export async function chooseSnapshotter(): Promise<Snapshotter> {
  const probe = inState('overlay-probe');
  const at = (name: string) => join(probe, name);
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(at(name), { recursive: true });
  const options = `lowerdir=${at('lower')},upperdir=${at('upper')},workdir=${at('work')}`;
  const { code } = await attempt(['mount', '-t', 'overlay', 'overlay', '-o', options, at('merged')]);
  if (code === 0) await attempt(['umount', at('merged')]);
  rmSync(probe, { recursive: true });
  const chosen = code === 0 ? 'overlayfs' : 'native';
  writeFileSync(file, chosen);
  return chosen;
}

/** The one of the running cluster. */
export const chosenSnapshotter = (): string => tryRead(file);
