/** Settings of the kernel that the kubelet, kube-proxy and the network plugins change: noted by `up`, put back by `down`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { inState } from './paths.ts';
import { tryRead } from './processes.ts';

const names = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'net/ipv4/ip_forward',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

const file = inState('kernel.json');

export function noteKernelSettings(): void {
  const values = names.map((name) => [name, tryRead(`/proc/sys/${name}`)]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(values)));
}

/** Writes only what differs: some may not be written in a container, but then nobody else could change them either. */
export function restoreKernelSettings(): void {
  const noted = tryRead(file);
  if (noted === '') return;
  for (const [name, value] of Object.entries<string>(JSON.parse(noted))) {
    const path = `/proc/sys/${name}`;
    if (value !== '' && readFileSync(path, 'utf8') !== value) writeFileSync(path, value);
  }
}
