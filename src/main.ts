#!/usr/bin/env node
/** The entry point. It imports the program only after the check, because an old Node.js may fail to load it. */
import { nodeVersionProblem } from './node-version.ts';

const problem = nodeVersionProblem(process.versions.node);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
} else {
  const { allocateYoung } = await import('./commands/setup/allocate-young.ts');
  const { fitHeap } = await import('./commands/setup/fit-heap.ts');
  if (process.argv[2] === 'serve') fitHeap();
  else allocateYoung();
  const { main } = await import('./commands/program.ts');
  process.exitCode = await main(process.argv, process.env);
}
