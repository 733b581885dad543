/** Tells an old Node.js from a good one. Imports nothing, so that it loads in any of them. */
const needed = [22, 19] as const;

/** One sentence when `version` is too old, as in "20.20.2". */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined;
  return `Clockout needs Node.js ${needed.join('.')} or newer, and this is ${version}; see https://nodejs.org/en/download.`;
}
