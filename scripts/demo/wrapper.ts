/** Runs what stands in the patched pod as the kubelet would, except for the pod's folders, which are temporary here. */
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Container, Pod } from '../../src/pod/schema.ts';

export function findBusybox(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/bin', '/usr/bin'];
  return folders.map((folder) => join(folder, 'busybox')).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A container's argv as the kubelet hands it over, with the pod's folders moved. The demo's pod has no `$(NAME)`. */
const argvOf = ({ command, args }: Container, folder: string) =>
  [...(command ?? []), ...(args ?? [])].map((word) =>
    word.replaceAll('$$', '$').replace(/\/clockout(-[a-z]+)?(?=[/\s"]|$)/gm, (path) => join(folder, path)),
  );

export function runInit(pod: Pod, folder: string, busybox: string): void {
  for (const name of ['clockout', 'clockout-state']) mkdirSync(join(folder, name));
  const init = pod.spec.initContainers?.find(({ name }) => name === 'clockout-init');
  if (!init) throw new Error('expected an init container clockout-init in the patched pod');
  const argv = argvOf(init, folder).map((word) => word.replaceAll('/bin/busybox', busybox));
  execFileSync(argv[0] ?? '', argv.slice(1), { stdio: 'inherit' });
  // What the kubelet mounts of a volume is a link here.
  for (const { name, mountPath, subPath } of appOf(pod)?.volumeMounts ?? [])
    if (subPath) symlinkSync(join(folder, name, subPath), join(folder, mountPath));
}

const appOf = (pod: Pod) => pod.spec.containers.find(({ name }) => name !== 'istio-proxy');

/** @returns the exit code of the wrapper */
export async function runWrapped(pod: Pod, folder: string, say: (text: string) => void): Promise<number | null> {
  const app = appOf(pod);
  const [program = '', ...words] = app ? argvOf(app, folder) : [];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => child.on('exit', resolve).on('error', reject));
  for await (const line of createInterface(child.stdout)) say(line);
  return ended;
}
