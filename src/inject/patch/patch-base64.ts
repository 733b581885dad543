/**
 * A patch as it is sent: Base64 of its JSON. The scripts are most of it and the same in each patch, so their Base64 is made
 * once. JSON can have spaces between its tokens: they fill up each part to a multiple of three bytes, so that the Base64 of the
 * parts, joined, is that of the whole.
 */
import type { AddOperation, Operation, ReplaceOperation } from 'fast-json-patch';
import { scriptTexts } from './init-container.ts';

/** Base64 in parts, of which those that are the same in each patch are bytes already. `length` is in characters, which are bytes, too. */
export type Base64Text = { parts: readonly (string | Buffer)[]; length: number };

export const joinBase64 = ({ parts }: Base64Text): string =>
  parts.map((part) => (typeof part === 'string' ? part : part.toString('latin1'))).join('');

/** Writes it into bytes that are long enough. @returns the offset behind it */
export const writeBase64 = ({ parts }: Base64Text, bytes: Buffer, offset: number): number =>
  parts.reduce<number>(
    (at, part) => at + (typeof part === 'string' ? bytes.write(part, at, 'latin1') : part.copy(bytes, at)),
    offset,
  );

/** A third of the time that JSON.stringify and Base64 take. */
export function patchToBase64(patch: readonly Operation[]): Base64Text {
  let scripts = 0;
  /** Takes a container, a list of containers, or a command or args. */
  const marked = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const instead = marks.get(value);
      if (instead !== undefined) scripts++;
      return instead ?? value;
    }
    if (Array.isArray(value)) return value.map(marked);
    if (typeof value !== 'object' || value === null) return value;
    const { command, args } = value as { command?: unknown; args?: unknown };
    return command || args ? { ...value, command: marked(command), args: marked(args) } : value;
  };
  const json = JSON.stringify(
    patch.map((operation) =>
      mayHaveScripts(operation) ? { ...operation, value: marked(operation.value) } : operation,
    ),
  );
  const [first = '', ...others] = json.split(`"${mark}`);
  // The pod has the mark in a text of its own.
  if (others.length !== scripts) return asText([toBase64(JSON.stringify(patch))]);
  // Each of the others begins with a script's index and a quote.
  return asText([toBase64(first), ...others.flatMap((part) => [made[Number(part[0])] ?? '', toBase64(part.slice(2))])]);
}

// --- internal ---

/** Stands for the scripts until the parts are joined. */
const mark = 'clockout.dev/script-';
const marks = new Map(scriptTexts.map((text, index) => [text, `${mark}${index}`]));

function toBase64(json: string): string {
  const bytes = Buffer.from(`${json}  `);
  return bytes.toString('base64', 0, bytes.length - (bytes.length % 3));
}

const asText = (parts: readonly (string | Buffer)[]): Base64Text => ({
  parts,
  length: parts.reduce((sum, { length }) => sum + length, 0),
});

const made = scriptTexts.map((text) => Buffer.from(toBase64(JSON.stringify(text)), 'latin1'));

const mayHaveScripts = (operation: Operation): operation is AddOperation<unknown> | ReplaceOperation<unknown> =>
  operation.path.startsWith('/spec/initContainers') && 'value' in operation;
