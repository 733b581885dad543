import { cgroupProblem } from './memory-cgroup.ts';

/** Says once, before all tests, why they cannot run. */
export default function setup(): void {
  const problem = cgroupProblem();
  if (problem) throw new Error(problem);
}
