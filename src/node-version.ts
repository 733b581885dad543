/** Checks the version of Node.js. Imports nothing, so that every version can load it. */
const needed = [22, 19] as const;

/** @returns one sentence if `version`, such as "20.20.2", is too old */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined;
  return `Clockout needs Node.js ${needed.join('.')} or newer, and this is ${version}; see https://nodejs.org/en/download.`;
}
