/** Opens the source of the webhook's certificate: the CA that the replicas in a cluster share, or one that needs no cluster. */
import type { SharedCaOptions } from '../../certificates/shared-ca/reconcile.ts';
import type { CertificateEvents, OpenedSource } from '../../certificates/source.ts';
import type { Config } from '../../config/parse.ts';
import { ok } from '../../util/result.ts';

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
  return ok(await openSharedCa({ ...store, options: readSharedCaOptions(config), events }));
}

// --- internal ---

/** @returns the names of the objects in the cluster; undefined if the configuration names none */
function readClusterObjects({ tlsCaSecret, webhookConfiguration, askIstioConfiguration: asking }: Config) {
  const [namespace, name] = tlsCaSecret?.split('/') ?? [];
  if (!namespace || !name || !webhookConfiguration) return undefined;
  return { secret: { namespace, name }, configuration: webhookConfiguration, asking };
}

function readSharedCaOptions({ tlsHosts = [], tlsLifetime, tlsCaLifetime, tlsCaOverlap }: Config): SharedCaOptions {
  return {
    hosts: ['localhost', ...tlsHosts],
    rotation: { lifetimeMilliseconds: tlsCaLifetime, overlapMilliseconds: tlsCaOverlap },
    servingLifetimeMilliseconds: tlsLifetime,
  };
}
