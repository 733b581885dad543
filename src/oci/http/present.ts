/**
 * What went wrong, as it may be shown to the owner of a pod. Up to here its texts are as they came: only in a whole text can
 * a secret be found, not in what is left of it after cleaning and cutting.
 */
import { cleanText, type RegistryProblem } from '../problem.ts';
import { makeRedact } from './redact.ts';

/** @param secrets what the registry and its token server were told, or told us */
export function presentProblem(problem: RegistryProblem, secrets: readonly string[]): RegistryProblem {
  const redact = makeRedact(secrets);
  const present = (name: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => cleanText(redact(item), 60));
    if (typeof value !== 'string') return value;
    if (!addresses.includes(name)) return cleanText(redact(value), name === 'code' ? 60 : 200);
    // Without what may be secret by itself: its user and its query.
    const [, scheme = '', user = '', place = ''] = /^((?:[a-z][a-z\d+.-]*:\/*)?)([^/?#]*@)?([^?#]*)/i.exec(value) ?? [];
    const start = scheme.length + user.length;
    return cleanText(redact(value, 0, scheme.length) + redact(value, start, start + place.length), 400);
  };
  const { kind, ...fields } = problem;
  const presented = Object.entries(fields).map(([name, value]) => [name, present(name, value)]);
  return { kind, ...Object.fromEntries(presented) };
}

// --- internal ---

/** `URL.href` all of them, or words without a question mark. */
const addresses = ['address', 'to', 'realm'];
