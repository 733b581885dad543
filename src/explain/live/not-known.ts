/** What could not be read of a cluster, and whether the verdict on new pods depends on it. Pure. */
import type { ApiProblem } from '../../kubernetes/api/api.ts';
import { listed } from '../../util/text.ts';
import type { Unread } from './cluster-view.ts';
import type { MeshView } from './mesh-view.ts';

/**
 * @param endsAnyway whether the pods end, as far as is known
 * @returns for each of these that the verdict on new pods depends on, which right is missing, or what else went wrong; none for a
 *   pod that is there
 */
export function findNotKnown(
  { present, istio, expected, clockout }: MeshView,
  unread: readonly Unread[],
  namespace: string,
  endsAnyway: boolean,
): string[] {
  if (present !== undefined) return [];
  const seenElsewhere = expected?.sidecar === 'native' || expected?.sidecar === 'none';
  if (endsAnyway && seenElsewhere) return [];
  const open: readonly Unread['what'][] = [
    ...(clockout ? [] : (['webhooks'] as const)),
    ...((istio?.injects && !istio.isSure) || clockout?.caller?.isSure === false ? (['namespace'] as const) : []),
    ...(expected?.sidecar === 'unknown' && !endsAnyway ? (['istiod', 'nodes'] as const) : []),
  ];
  const found = unread.filter(
    ({ what, name }) => open.includes(what) && (what !== 'namespace' || name === undefined || name === namespace),
  );
  return [...new Set(found.map(({ problem }) => describeUnread(problem)))];
}

/** Completes the sentence "not known: …". */
export const describeNotKnown = (notKnown: readonly string[]): string =>
  `whether its new pods hang: ${listed(notKnown, 5).join('; ')}`;

// --- internal ---

/** Without what the API server says of a right that is missing. */
const describeUnread = ({ kind, message }: ApiProblem): string =>
  kind === 'forbidden' ? message.replace(/ \(.*\)$/s, '') : message;
