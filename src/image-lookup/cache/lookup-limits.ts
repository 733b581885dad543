/** The places for lookups that are underway, at a registry and in the replica, and each namespace's share of them. */
import type { Deadline } from '../../util/deadline.ts';
import { createLimiter, type Leave } from '../../util/limiter.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { LookupProblem } from '../problem.ts';
import type { ImageQuery } from './memory.ts';

/** Lookups underway at a time, for all namespaces and for one. Each may have four connections, of about 60 KiB. */
const replica = { places: 64, share: 16 };

export const tooManyLookups: LookupProblem = { kind: 'too-many-lookups', ...replica };

/** `taken` aborts when the place goes to a namespace that has fewer. */
type Entered = Result<{ leave: Leave; taken: AbortSignal }, LookupProblem>;

/**
 * Waits for a place at the registry, and then for one of the replica's. In the other order, lookups that wait for a registry
 * that is down would keep others from registries that are not.
 */
export function createEnter(perRegistry: number, now: () => number) {
  const enterRegistry = createLimiter({ places: perRegistry, share: Math.ceil(perRegistry / 2) }, now);
  const enterReplica = createLimiter(replica, now);

  return async ({ namespace, reference: { registry } }: ImageQuery, deadline: Deadline): Promise<Entered> => {
    const taken = new AbortController();
    const onTaken = () => taken.abort();
    const visit = { party: namespace, onTaken };
    const leaveRegistry = await enterRegistry({ ...visit, lane: registry, milliseconds: deadline.remaining() });
    if (!leaveRegistry) return fail({ kind: 'busy', registry });
    const leaveReplica = await enterReplica({ ...visit, milliseconds: deadline.remaining() });
    if (!leaveReplica) {
      leaveRegistry();
      return fail(tooManyLookups);
    }
    const leave = () => {
      leaveReplica();
      leaveRegistry();
    };
    return ok({ leave, taken: taken.signal });
  };
}
