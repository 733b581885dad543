/** Why a lookup has no answer: what can go wrong at a registry, and what can go wrong before it is asked. */
import { describeProblem, type RegistryProblem } from '../oci/problem.ts';

export type LookupProblem =
  | RegistryProblem
  | { kind: 'busy'; registry: string }
  /** `places` are those of all namespaces, `share` those of one. */
  | { kind: 'too-many-lookups'; places: number; share: number };

/** One sentence without its full stop. */
export function describeLookupProblem(problem: LookupProblem): string {
  if (problem.kind === 'busy')
    return `${problem.registry} is too slow for the lookups that are waiting for it; try again later, or set up a mirror`;
  if (problem.kind === 'too-many-lookups')
    return `as many lookups are underway as there may be (${problem.share} for a namespace, ${problem.places} in all); try again later`;
  return describeProblem(problem);
}
