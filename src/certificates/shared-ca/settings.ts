/** The settings that concern a certificate in a cluster, as the parts that use them want them. */
import { type Config, milliseconds } from '../../config/parse.ts';
import type { SharedOptions } from './reconcile.ts';

/** The objects in the cluster; undefined where the configuration names none. */
export function clusterObjects({ tlsCaSecret, webhookConfiguration }: Config) {
  const [namespace, name] = tlsCaSecret?.split('/') ?? [];
  if (!namespace || !name || !webhookConfiguration) return undefined;
  return { secret: { namespace, name }, configuration: webhookConfiguration };
}

export function sharedOptions({ tlsHosts = [], tlsLifetime, tlsCaLifetime, tlsCaOverlap }: Config): SharedOptions {
  return {
    hosts: ['localhost', ...tlsHosts],
    rotation: { lifetime: milliseconds(tlsCaLifetime), overlap: milliseconds(tlsCaOverlap) },
    servingLifetime: milliseconds(tlsLifetime),
  };
}
