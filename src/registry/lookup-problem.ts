/** Why a lookup has no answer: what can go wrong at a registry, and what can go wrong before it is asked. */
import { describeProblem, type RegistryProblem } from './problem.ts';

export type LookupProblem = RegistryProblem | { kind: 'busy'; registry: string };

/** One sentence without its full stop. */
export const describeLookupProblem = (problem: LookupProblem): string =>
  problem.kind === 'busy'
    ? `${problem.registry} is too slow for the lookups that are waiting for it; try again later, or set up a mirror`
    : describeProblem(problem);
