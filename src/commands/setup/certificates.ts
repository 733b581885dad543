/** Opens the source of the webhook's certificate: the CA that the replicas in a cluster share, or one that needs no cluster. */
import { clusterObjects, sharedOptions } from '../../certificates/settings.ts';
import type { CertificateEvents, OpenedSource } from '../../certificates/source.ts';
import type { Config } from '../../config/parse.ts';

/** Loads heavy modules only if they are needed. */
export async function openSource(config: Config, events: CertificateEvents): Promise<OpenedSource> {
  const objects = clusterObjects(config);
  if (!objects) {
    const { openCertificateSource } = await import('../../certificates/source.ts');
    return openCertificateSource(config, events);
  }
  const { loadKubeConfig } = await import('../../kubernetes/config.ts');
  const { openCertificateStore } = await import('../../kubernetes/certificate-store.ts');
  const { openSharedSource } = await import('../../certificates/shared-source.ts');
  const store = openCertificateStore(loadKubeConfig(), objects);
  return { ok: true, source: await openSharedSource({ ...store, options: sharedOptions(config), events }) };
}
