/** The kinds of values that settings have. */
import { type TSchema, Type } from 'typebox';
import { parseDuration } from '../util/duration.ts';

export type Kind<Schema extends TSchema = TSchema> = {
  /** What a good value is, once it is read. */
  schema: Schema;
  /** What a good value is in the values.yaml of the Helm chart, which has booleans, numbers and lists of its own. */
  inChart: TSchema;
  /** Completes the sentence "expected …" of an error, and is a column of the docs. */
  expects: string;
  /** Reads the text of a variable or a flag. Text that it cannot read stays text, which the schema refuses. */
  read: (text: string) => unknown;
  /** In the help of the command line. */
  placeholder: '<number>' | '<value>' | '<choice>';
};

export const text = (expects: string, pattern?: string) =>
  kind(Type.String({ minLength: 1, ...(pattern !== undefined && { pattern }) }), expects, (value) => value);

export const choice = <Words extends string[]>(...words: Words) => ({
  ...kind(Type.Enum<Words>([...words]), joinWords(words), (value) => value),
  placeholder: '<choice>' as const,
});

export const integer = (minimum: number, maximum: number, expects: string) => ({
  ...kind(Type.Integer({ minimum, maximum }), expects, (value) => (/^\d+$/.test(value) ? Number(value) : value)),
  placeholder: '<number>' as const,
});

/** Separated by commas. */
export const list = <Item extends TSchema>(item: Item, expects: string) =>
  kind(Type.Array(item, { minItems: 1 }), expects, (value) => value.split(',').map((each) => each.trim()));

export const json = <Schema extends TSchema>(schema: Schema, example: string) =>
  kind(schema, `JSON such as \`${example}\``, readJson);

export const onOrOff = { ...choice('on', 'off'), inChart: Type.Boolean() };
/** The chart needs to know the port, so it does not have 0. */
export const port = {
  ...integer(0, 65_535, 'a port, 0 to 65535'),
  inChart: Type.Integer({ minimum: 1, maximum: 65_535 }),
};
export const count = integer(1, 1_000_000, 'a whole number from 1 to 1000000');
export const file = text('a file name');

/** In the configuration it is a number of milliseconds. */
export const duration = {
  ...kind(Type.Integer(), 'a duration such as 500ms, 30s, 10m or 7d', (value) =>
    /^[1-9]\d{0,5}[a-z]/.test(value) ? parseDuration(value) : value,
  ),
  inChart: Type.String({ pattern: '^[1-9][0-9]{0,5}(ms|[smhd])$' }),
};

// --- internal ---

function kind<Schema extends TSchema>(schema: Schema, expects: string, read: Kind['read']): Kind<Schema> {
  return { schema, inChart: schema, expects, read, placeholder: '<value>' };
}

function readJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** As in "`a`, `b` or `c`". */
function joinWords(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
