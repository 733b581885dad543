/** Opens the source of the webhook's certificate: the CA that the replicas in a cluster share, or one that needs no cluster. */
import { readClusterObjects, readSharedCaOptions } from '../../certificates/shared-ca/settings.ts';
import type { CertificateEvents, OpenedSource } from '../../certificates/source.ts';
import type { Config } from '../../config/parse.ts';

/** Loads heavy modules only if they are needed. */
export async function openSource(config: Config, events: CertificateEvents): Promise<OpenedSource> {
  const objects = readClusterObjects(config);
  if (!objects) {
    const { openCertificateSource } = await import('../../certificates/source.ts');
    return openCertificateSource(config, events);
  }
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { openSharedCaStore } = await import('../../kubernetes/shared-ca-store.ts');
  const { openSharedCa } = await import('../../certificates/shared-ca/keep.ts');
  const store = openSharedCaStore(loadKubeConfig(), objects);
  return { ok: true, value: await openSharedCa({ ...store, options: readSharedCaOptions(config), events }) };
}
