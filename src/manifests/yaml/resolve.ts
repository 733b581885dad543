/**
 * What a scalar stands for, as go-yaml says: YAML 1.1 (`0644` is 420, `on` is true), but without its base-60 numbers and
 * dates (`12:30` is a string), and with Go's `0o644`.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.4/resolve.go
 */
import { fail, ok, type Result } from '../../util/result.ts';
import type { ScalarNode } from './nodes.ts';

export type Resolved =
  | { type: 'str'; value: string }
  | { type: 'int'; value: number | bigint }
  | { type: 'float'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'null'; value: null };

/** @returns a sentence if its tag does not fit */
export function resolveScalar({ text, tag, isImplicit }: ScalarNode): Result<Resolved, string> {
  if (tag === '') return ok(isImplicit ? resolvePlain(text) : string(text));
  if (!tag.startsWith(yamlTag)) return ok(string(text));
  const type = tag.slice(yamlTag.length);
  if (type === 'binary') return resolveBinary(text);
  if (type === 'timestamp') return isTimestamp(text) ? ok(string(text)) : failTag('a date', text, type);
  if (!isType(type) || type === 'str') return ok(string(text));
  const resolved = resolvePlain(text);
  if (resolved.type === type) return ok(resolved);
  if (type === 'float' && resolved.type === 'int' && resolved.value <= maxInt64) {
    return ok({ type, value: Number(resolved.value) });
  }
  return failTag(typeNames[type], text, type);
}

/** A scalar without quotes and tag. */
export function resolvePlain(text: string): Resolved {
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45;
  if (!isNumeric && first !== 46) return (text.length < 6 && words.get(text)) || string(text);
  return words.get(text) ?? (isNumeric ? resolveNumber(text) : resolveFraction(text)) ?? string(text);
}

/** Whether a key is `<<`, which merges maps into the one at hand. */
export const isMerge = ({ text, tag, isImplicit }: ScalarNode): boolean =>
  text === '<<' && (isImplicit || tag === `${yamlTag}merge`);

/** As a key in JSON; undefined if Kubernetes takes no such key. */
export function keyText(key: Resolved): string | undefined {
  if (key.type === 'null' || (key.type === 'int' && key.value > maxInt64)) return undefined;
  return key.type === 'float' ? floatText(key.value) : String(key.value);
}

// --- internal ---

const yamlTag = 'tag:yaml.org,2002:';
const [minInt64, maxInt64, maxUint64] = [-(2n ** 63n), 2n ** 63n - 1n, 2n ** 64n - 1n];

const string = (value: string): Resolved => ({ type: 'str', value });

const typeNames = { int: 'a whole number', float: 'a number', bool: 'true or false', null: 'null' };

const isType = (type: string): type is Resolved['type'] => type === 'str' || Object.hasOwn(typeNames, type);

const failTag = (expected: string, text: string, type: string) =>
  fail(
    `expected ${expected} after !!${type}, found ${JSON.stringify(text.slice(0, 40))}; remove the tag, or correct it`,
  );

const words = new Map<string, Resolved>();
const addWords = (resolved: Resolved, list: string) => {
  for (const word of list.split(' ')) words.set(word, resolved);
};
addWords({ type: 'bool', value: true }, 'y Y yes Yes YES true True TRUE on On ON');
addWords({ type: 'bool', value: false }, 'n N no No NO false False FALSE off Off OFF');
addWords({ type: 'null', value: null }, '~ null Null NULL');
words.set('', { type: 'null', value: null });
addWords({ type: 'float', value: Number.NaN }, '.nan .NaN .NAN');
addWords({ type: 'float', value: Number.POSITIVE_INFINITY }, '.inf .Inf .INF +.inf +.Inf +.INF');
addWords({ type: 'float', value: Number.NEGATIVE_INFINITY }, '-.inf -.Inf -.INF');

function resolveNumber(text: string): Resolved | undefined {
  // The text of almost all numbers.
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return { type: 'int', value: Number(text) };
  const digits = text.replaceAll('_', '');
  // Go reads `0b-1` as -1: it takes the prefix away, and then reads a number.
  const int = parseInt64(digits.replace(/^0b([-+])/, (_, sign) => `${sign}0b`));
  if (int !== undefined) return { type: 'int', value: int };
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(digits) ? asFloat(digits) : undefined;
}

/** Underscores may stand between digits. @see https://pkg.go.dev/strconv#ParseFloat */
function resolveFraction(text: string): Resolved | undefined {
  return /^\.\d+(_\d+)*([eE][-+]?\d+(_\d+)*)?$/.test(text) ? asFloat(text.replaceAll('_', '')) : undefined;
}

/** Too large a number is a string. */
function asFloat(digits: string): Resolved | undefined {
  const value = Number(digits);
  return Number.isFinite(value) ? { type: 'float', value } : undefined;
}

/** With Go's prefixes. @see https://pkg.go.dev/strconv#ParseInt */
function parseInt64(text: string): number | bigint | undefined {
  const sign = /^[-+]?/.exec(text)?.[0] ?? '';
  const digits = text.slice(sign.length).toLowerCase();
  const [, prefix = '', number = ''] =
    /^(0x)0*([\da-f]{1,16})$/.exec(digits) ??
    /^(0b)0*([01]{1,64})$/.exec(digits) ??
    /^(0o?)0*([0-7]{1,22})$/.exec(digits) ??
    /^()(\d{1,20})$/.exec(digits.startsWith('0') ? '' : digits) ??
    [];
  if (number === '') return digits === '0' ? 0 : undefined;
  const size = BigInt((prefix === '0' ? '0o' : prefix) + number);
  const value = sign === '-' ? -size : size;
  if (value < minInt64 || value > (sign === '' ? maxUint64 : maxInt64)) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Kubernetes takes bytes that are no text too, but as JSON has it they are lost. */
function resolveBinary(text: string): Result<Resolved, string> {
  const base64 = text.replace(/[\r\n]/g, '');
  const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0;
  const bytes = Buffer.from(base64, 'base64');
  const isText = isBase64 && bytes.equals(Buffer.from(bytes.toString('utf8')));
  return isText ? ok(string(bytes.toString('utf8'))) : failTag('a text in base64', text, 'binary');
}

/** Go's layouts for it. @see https://github.com/yaml/go-yaml/blob/v2.4.4/resolve.go */
function isTimestamp(text: string): boolean {
  const [date, hour] = [String.raw`(\d{4})-(\d\d?)-(\d\d?)`, String.raw`(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?`];
  const zone = String.raw`(?:Z|[-+]\d\d:\d\d)`;
  const parts = new RegExp(`^${date}(?:[Tt]${hour}${zone}| ${hour})?$`).exec(text)?.slice(1).map(Number);
  if (!parts) return false;
  const [year = 0, month = 0, day = 0, ...clocks] = parts;
  const [hours = 0, minutes = 0, seconds = 0] = clocks.filter((part) => !Number.isNaN(part));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return month >= 1 && month <= 12 && day >= 1 && day <= days && hours < 24 && minutes < 60 && seconds < 60;
}

/** As Go formats a float32 with `%g`. @see https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go */
function floatText(value: number): string {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return '.nan';
  if (!Number.isFinite(single)) return single > 0 ? '.inf' : '-.inf';
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  const precision = [1, 2, 3, 4, 5, 6, 7, 8].find(
    (digits) => Math.fround(Number(single.toPrecision(digits))) === single,
  );
  const [mantissa = '', exponent = '0'] = single.toExponential((precision ?? 9) - 1).split('e');
  const size = Number(exponent);
  if (size >= -4 && size < 6) return String(Number(`${mantissa}e${exponent}`));
  return `${mantissa}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`;
}
