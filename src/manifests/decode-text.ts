/** Takes bytes for the text that they are, or says where they are none. Pure. */
import { fail, ok, type Result } from '../util/result.ts';

/** @returns a sentence with the place, if the bytes are not UTF-8 or have a NUL */
export function decodeText(name: string, bytes: Buffer): Result<string, string[]> {
  const order = findByteOrder(bytes);
  if (order) {
    const advice = 'save it as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`';
    return fail([`${name}:1:1: expected UTF-8, found UTF-16 (${order}); ${advice}`]);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const nul = text.indexOf('\0');
    return nul < 0 ? ok(text) : failAt(name, text.slice(0, nul), 'a NUL, as binary files have; remove it');
  } catch {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const { before, byte } = findOdd(text, bytes);
    const found = `the byte 0x${(byte ?? 0).toString(16).toUpperCase()}; save it as UTF-8, if it is not a binary file`;
    return failAt(name, before, found);
  }
}

// --- internal ---

/** Of UTF-16, by its mark; or because every other one of the first bytes is 0, as in English. */
function findByteOrder(bytes: Buffer): string | undefined {
  const [first = 0, second = 0, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'little-endian';
  if (first === 0xfe && second === 0xff) return 'big-endian';
  if (first > 0 && second === 0 && third && fourth === 0) return 'little-endian';
  return first === 0 && second > 0 && third === 0 && fourth ? 'big-endian' : undefined;
}

/** The first byte that became a replacement character, although none was there. */
function findOdd(text: string, bytes: Buffer): { before: string; byte: number | undefined } {
  let [at, from] = [0, 0];
  for (let next = text.indexOf('\ufffd'); next >= 0; next = text.indexOf('\ufffd', from)) {
    at += Buffer.byteLength(text.slice(from, next));
    if (bytes.toString('latin1', at, at + 3) !== '\xef\xbf\xbd')
      return { before: text.slice(0, next), byte: bytes[at] };
    at += 3;
    from = next + 1;
  }
  return { before: text, byte: undefined };
}

function failAt(name: string, before: string, found: string): Result<never, string[]> {
  const lines = before.split('\n');
  const place = `${lines.length}:${(lines.at(-1) ?? '').length + 1}`;
  return fail([`${name}:${place}: expected YAML or JSON in UTF-8, found ${found}`]);
}
