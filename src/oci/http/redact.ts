/** A registry may send back what it was told, in a message or an address: then that must not be passed on. */

/** A part of a text, by its bytes, with each secret in it replaced by ***. */
type Redact = (text: string, from?: number, until?: number) => string;

/**
 * Secrets are found whatever their case, and whether each character stands as it is or as an address spells it. Time is
 * linear in both, as a registry chooses the text, and the token that must not be in it.
 */
export function makeRedact(secrets: readonly string[]): Redact {
  const patterns = secrets
    .filter(({ length }) => length > 0 && length <= 3 * maxText)
    .flatMap(patternsOf)
    .map(prepare);
  return (text, from = 0, until) => {
    if (text.length > maxText) return '…';
    const bytes = Buffer.from(text);
    const hidden = hiddenBytes(bytes, patterns);
    let shown = '';
    for (let start = from, end = start; start < (until ?? bytes.length); start = end) {
      while (end < (until ?? bytes.length) && hidden[end] === hidden[start]) end++;
      shown += hidden[start] ? '***' : bytes.toString('utf8', start, end);
    }
    return shown;
  };
}

// --- internal ---

/** More than anybody would read: of a longer text nothing is shown, as it can't be cut before it was searched. No longer secret is in it. */
const maxText = 16 * 1024;

/** A secret as it is, and as who reads an address would take it: its own %41 may have stood there as it is. */
const patternsOf = (secret: string): Uint8Array[] =>
  readings(Buffer.from(secret))
    .map(({ bytes }) => bytes)
    .filter(({ length }) => length > 0);

type Pattern = { bytes: Uint8Array; fallbacks: Uint32Array };

/** Of each start of the pattern: how long the longest start is that it ends with. */
function prepare(bytes: Uint8Array): Pattern {
  const fallbacks = new Uint32Array(bytes.length + 1);
  for (let i = 1, matched = 0; i < bytes.length; i++) {
    while (matched > 0 && bytes[i] !== bytes[matched]) matched = fallbacks[matched] ?? 0;
    if (bytes[i] === bytes[matched]) matched++;
    fallbacks[i + 1] = matched;
  }
  return { bytes, fallbacks };
}

/** 1 for each byte of a secret. */
function hiddenBytes(text: Buffer, patterns: readonly Pattern[]): Uint8Array {
  const changes = new Int32Array(text.length + 1);
  for (const { bytes, starts } of readings(text)) {
    for (const pattern of patterns) {
      for (const end of ends(bytes, pattern)) {
        const [first = 0, behind = 0] = [starts[end - pattern.bytes.length], starts[end]];
        changes[first] = (changes[first] ?? 0) + 1;
        changes[behind] = (changes[behind] ?? 0) - 1;
      }
    }
  }
  let depth = 0;
  return Uint8Array.from(changes.subarray(0, -1), (change) => {
    depth += change;
    return depth > 0 ? 1 : 0;
  });
}

/** Where the pattern ends in the text, each time. @see https://en.wikipedia.org/wiki/Knuth–Morris–Pratt_algorithm */
function ends(text: Uint8Array, { bytes, fallbacks }: Pattern): number[] {
  const found: number[] = [];
  if (bytes.length > text.length) return found;
  for (let i = 0, matched = 0; i < text.length; i++) {
    while (matched > 0 && text[i] !== bytes[matched]) matched = fallbacks[matched] ?? 0;
    if (text[i] === bytes[matched]) matched++;
    if (matched < bytes.length) continue;
    found.push(i + 1);
    matched = fallbacks[matched] ?? 0;
  }
  return found;
}

/** What is compared; `starts` says where each byte was in the text, and where that ends. */
type Reading = { bytes: Uint8Array; starts: Uint32Array };

/** With each %41 as it is, and as the byte that it stands for. */
function readings(text: Buffer): Reading[] {
  const starts = Uint32Array.from({ length: text.length + 1 }, (_, i) => i);
  const asItIs = simplify({ bytes: text, starts });
  return [asItIs, simplify(decode(asItIs))];
}

const simplify = ({ bytes, starts }: Reading): Reading => ({
  bytes: bytes.filter((byte) => !isDropped(byte)).map(fold),
  starts: starts.filter((_, i) => !isDropped(bytes[i] ?? 0)),
});

function decode({ bytes, starts }: Reading): Reading {
  const decoded: number[] = [];
  const at: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const encoded = bytes[i] === percent ? encodedIn(bytes, i) : undefined;
    at.push(starts[i] ?? 0);
    decoded.push(encoded ?? bytes[i] ?? 0);
    i += encoded === undefined ? 1 : 3;
  }
  return { bytes: Uint8Array.from(decoded), starts: Uint32Array.from([...at, starts.at(-1) ?? 0]) };
}

function encodedIn(text: Uint8Array, index: number): number | undefined {
  const [high, low] = [digits.indexOf(fold(text[index + 1] ?? 0)), digits.indexOf(fold(text[index + 2] ?? 0))];
  return high < 0 || low < 0 ? undefined : high * 16 + low;
}

const digits = Buffer.from('0123456789abcdef');
const percent = 0x25;

/** An address loses tabs and newlines. @see https://url.spec.whatwg.org/#concept-basic-url-parser */
const isDropped = (byte: number) => byte === 0x09 || byte === 0x0a || byte === 0x0d;

/** A to Z only: of a host in an address, all else is changed beyond recognition. Backslashes become slashes there. */
const fold = (byte: number) => (byte === 0x5c ? 0x2f : byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
