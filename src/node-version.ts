/** Checks the version of Node.js. Imports nothing, so that every version can load it. */

type Version = readonly [major: number, minor: number];

/** What the commands need that read manifests. package.json has the same as `engines`. */
const oldest: Version = [20, 0];

/** What the HTTP client needs, and with it the server and every lookup. @see https://github.com/nodejs/undici#readme */
export const oldestForNetwork: Version = [22, 19];

/** @returns one sentence if `version`, such as "20.20.2", is too old */
export function nodeVersionProblem(version: string, needed: Version = oldest): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined;
  const what = needed === oldest ? 'Clockout needs' : 'What uses the network needs';
  return `${what} Node.js ${needed.join('.')} or newer, and this is ${version}; see https://nodejs.org/en/download.`;
}
