/** A folder with a certificate and its key, which changes as the kubelet changes a mounted Secret: both at once. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSignedCertificate } from '../src/certificates/self-signed.ts';

export type MountedSecret = {
  /** For `clockout serve`. */
  flags: string[];
  /** Puts another certificate there. */
  rotate: () => Promise<void>;
  remove: () => void;
};

/** @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/volume/util/atomic_writer.go */
export async function mountSecret(): Promise<MountedSecret> {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-secret-'));
  const at = (...names: string[]) => join(folder, ...names);
  let version = 0;
  const rotate = async () => {
    const { cert, key } = await createSelfSignedCertificate(['localhost'], new Date());
    const old = `..${version++}`;
    const next = `..${version}`;
    mkdirSync(at(next));
    writeFileSync(at(next, 'tls.crt'), cert);
    writeFileSync(at(next, 'tls.key'), key, { mode: 0o600 });
    symlinkSync(next, at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
    rmSync(at(old), { recursive: true, force: true });
  };
  await rotate();
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, at(name));
  return {
    flags: ['--tls-cert-file', at('tls.crt'), '--tls-key-file', at('tls.key')],
    rotate,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
