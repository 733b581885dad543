/**
 * What a registry says in WWW-Authenticate: how it wants to be told who asks.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */

/** `scheme` and the names of parameters are in lower case. */
export type Challenge = { scheme: string; parameters: ReadonlyMap<string, string> };

/**
 * All challenges of a header, which may stand in one line or in several. Whatever breaks the grammar ends the line: what
 * was read before it counts. Takes time in proportion to the header's length.
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  return [header ?? []].flat().flatMap(parseLine);
}

// --- internal ---

const separators = /[\s,]*/y;
const token = /[!#$%&'*+.^`|~\w-]+/y;
const equals = /[ \t]*=[ \t]*/y;
const quoted = /"((?:[^"\\]|\\.)*)"/sy;
/** What stands alone after a scheme, such as the answer of a handshake; no registry uses it, and it must not look like a scheme. */
const token68 = /[ \t]+[\w.~+/-]+=*[ \t]*(?=,|$)/y;

function parseLine(line: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(line);
    if (match) position = pattern.lastIndex;
    return match ?? undefined;
  };

  for (take(separators); position < line.length; take(separators)) {
    const name = take(token)?.[0].toLowerCase();
    if (name === undefined) break;
    if (!take(equals)) {
      challenges.push({ scheme: name, parameters: new Map() });
      take(token68);
      continue;
    }
    const value = take(quoted)?.[1]?.replace(/\\(.)/gs, '$1') ?? take(token)?.[0];
    const parameters = challenges.at(-1)?.parameters;
    if (value === undefined || !parameters) break;
    // The first one counts: what comes later may have been appended by somebody else.
    if (!parameters.has(name)) parameters.set(name, value);
  }
  return challenges;
}
