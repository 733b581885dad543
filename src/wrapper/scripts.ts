/** The scripts as pods get them. scripts.json has their lines: scripts/embed-scripts.ts writes it from the .sh files here. */
import scripts from './scripts.json' with { type: 'json' };

const join = (lines: readonly string[]) => lines.join('\n');

/** A pod without `clockout.dev/trace: "true"` pays no byte for the lines that say what a script decides. */
const joinWithoutTrace = (lines: readonly string[]) => join(lines.filter((line) => !/^_trace\b/.test(line)));

export const initScript = join(scripts.init);
export const runScript = joinWithoutTrace(scripts.run);
export const runTracedScript = join(scripts.run);
export const guardScript = joinWithoutTrace(scripts.guard);
export const guardTracedScript = join(scripts.guard);
