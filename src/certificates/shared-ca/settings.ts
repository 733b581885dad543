/** The settings of the shared CA, in the shape that its parts use. */
import type { Config } from '../../config/parse.ts';
import type { SharedCaOptions } from './reconcile.ts';

/** @returns the names of the objects in the cluster; undefined if the configuration names none */
export function readClusterObjects({ tlsCaSecret, webhookConfiguration }: Config) {
  const [namespace, name] = tlsCaSecret?.split('/') ?? [];
  if (!namespace || !name || !webhookConfiguration) return undefined;
  return { secret: { namespace, name }, configuration: webhookConfiguration };
}

export function readSharedCaOptions({
  tlsHosts = [],
  tlsLifetime,
  tlsCaLifetime,
  tlsCaOverlap,
}: Config): SharedCaOptions {
  return {
    hosts: ['localhost', ...tlsHosts],
    rotation: { lifetimeMilliseconds: tlsCaLifetime, overlapMilliseconds: tlsCaOverlap },
    servingLifetimeMilliseconds: tlsLifetime,
  };
}
