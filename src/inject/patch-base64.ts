/**
 * A patch as it is sent: Base64 of its JSON. The scripts are most of it and the same in each, so their Base64 is made once.
 * JSON may have spaces between its tokens: they fill up each part to a multiple of three bytes, and then the Base64 of the
 * parts, joined, is that of the whole.
 */
import type { Operation } from 'fast-json-patch';
import { scriptTexts } from './init-container.ts';

/** A third of the time that JSON.stringify and Base64 take. */
export function patchToBase64(patch: readonly Operation[]): string {
  let scripts = 0;
  const marked = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const instead = marks.get(value);
      if (instead !== undefined) scripts++;
      return instead ?? value;
    }
    if (Array.isArray(value)) return value.map(marked);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, marked(each)]));
  };
  const json = JSON.stringify(patch.map((operation) => (mayHaveScripts(operation) ? marked(operation) : operation)));
  const [first = '', ...others] = json.split(`"${mark}`);
  // Somebody has written the mark into the pod.
  if (others.length !== scripts) return toBase64(JSON.stringify(patch));
  // Each of the others begins with a script's index and a quote.
  return others.reduce((base64, part) => base64 + made[Number(part[0])] + toBase64(part.slice(2)), toBase64(first));
}

// --- internal ---

/** Stands for the scripts until the parts are joined. */
const mark = 'clockout.dev/script-';
const marks = new Map(scriptTexts.map((text, index) => [text, `${mark}${index}`]));

function toBase64(json: string): string {
  const surplus = Buffer.byteLength(json) % 3;
  return Buffer.from(surplus === 0 ? json : json + ' '.repeat(3 - surplus)).toString('base64');
}

const made = scriptTexts.map((text) => toBase64(JSON.stringify(text)));

const mayHaveScripts = ({ path }: Operation) => path.startsWith('/spec/initContainers');
