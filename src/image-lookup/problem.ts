/** Why a lookup failed: at a registry, or before it was asked. */
import { describeProblem, type RegistryProblem } from '../oci/problem.ts';

export type LookupProblem =
  | RegistryProblem
  | { kind: 'busy'; registry: string }
  /** `places` are for all namespaces, `share` is for one. */
  | { kind: 'too-many-lookups'; places: number; share: number };

/** One sentence without its full stop. */
export function describeLookupProblem(problem: LookupProblem): string {
  if (problem.kind === 'busy')
    return `${problem.registry} is too slow for the lookups that wait for it; try again later, or set up a mirror`;
  if (problem.kind === 'too-many-lookups')
    return `all places for lookups are taken (${problem.share} for a namespace, ${problem.places} in all); try again later`;
  return describeProblem(problem);
}
