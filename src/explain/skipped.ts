/** What to do about a pod that is skipped. Pure. */
import type { Origin } from '../decide/origin.ts';
import type { SkipReason } from '../decide/reasons.ts';
import type { PodTemplate } from '../manifests/find-pods.ts';
import type { Facts } from '../pod/facts.ts';
import { injectLabel, proxyContainerName } from '../pod/names.ts';
import { listed, shortened } from '../util/text.ts';
import { describeKeepers } from './ending-words.ts';
import type { MeshView } from './live/mesh-view.ts';

/** Why a pod is not wrapped. `missed` and `observed`: Clockout would do it; see missed.ts and observed.ts. */
export type Unwrapped = SkipReason | 'missed' | 'observed';

/** Istio's sidecar may have yet to come. */
export function describeHang(keepers: readonly string[], { proxy }: Facts, origin: Origin, mesh?: MeshView): string {
  const isAsked = origin.from === 'cli' && origin.istioLabels?.['istio-injection'] === 'enabled';
  const isAlone = keepers.length === 1 && keepers[0] === proxyContainerName;
  const isOpen = (proxy.state === 'undecided' && !isAsked) || (mesh !== undefined && isUnseen(mesh));
  const isEither = mesh?.present === undefined && mesh?.expected?.sidecar === 'unknown';
  const condition = isOpen ? 'if Istio adds it, ' : isEither ? 'if it is classic, ' : '';
  return `${isAlone ? condition : ''}${describeKeepers(keepers)}`;
}

/** Of a template: neither the webhooks of the cluster nor a pod tell whether it gets a sidecar. */
const isUnseen = ({ present, istio, expected }: MeshView): boolean =>
  present === undefined && istio === undefined && expected === undefined;

/** For a pod that its sidecars keep running. */
export function adviseOn(
  reason: Unwrapped,
  { namespace = 'default', kind }: PodTemplate,
  { clockout }: MeshView = {},
): string {
  const optIn = /^[a-z0-9-]+$/.test(namespace)
    ? `opt in: kubectl label namespace ${namespace} ${injectLabel}=enabled`
    : `opt in: give its namespace the label ${injectLabel}: enabled`;
  if (clockout?.installed === false && reason !== 'opted-out') return `install Clockout, and ${optIn}`;
  switch (reason) {
    case 'not-opted-in':
      return optIn;
    case 'opted-out':
      return 'its app has to ask it to exit, because Clockout is turned off';
    case 'observed':
      return `to have Clockout act: kubectl label namespace ${/^[a-z0-9-]+$/.test(namespace) ? namespace : 'NAMESPACE'} ${injectLabel}=enabled --overwrite`;
    case 'missed':
      if (kind !== 'Pod') return optIn;
      return 'delete it and create it again, once the cause is gone';
    case 'not-a-job':
    case 'no-sidecar':
      return `if it is to end, set its label ${injectLabel}: "true"`;
    default:
      return 'remove the cause, or turn the sidecar off';
  }
}

/** For a pod whose containers have no command, if no registry was asked. @param isOver whether the webhook has had its turn */
export function describeUnknown({ apps, options: { entrypoint } }: Facts, isOver: boolean): string {
  const unknown = apps.filter(
    ({ container: { name, command } }) =>
      !command?.length && !Array.isArray(entrypoint) && (entrypoint === undefined || !Object.hasOwn(entrypoint, name)),
  );
  const [names, images] = [
    unknown.map(({ container }) => shortened(container.name, 63)),
    unknown.map(({ container }) => shortened(container.image ?? 'its image', 200)),
  ].map((texts) => listed([...new Set(texts)], 5).join(' and '));
  const asks = '--registry asks now, with your credentials';
  return isOver
    ? `container ${names} has no command, and the webhook did not learn from the registry of ${images} what it runs, or was not called; ${asks}`
    : `container ${names} has no command, so the webhook asks the registry of ${images} what it runs, and wraps the pod if it learns that; ${asks}`;
}
