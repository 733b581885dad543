/** The setting `defaults`: values for the annotations that pods do not set. */
import { type TSchema, Type } from 'typebox';
import { defaultNames, describeDefault, readDefaults } from '../pod/annotations/read-defaults.ts';
import { type OptionName, optionTable } from '../pod/annotations/table.ts';
import { duration, flag, list } from '../pod/annotations/values.ts';
import { json } from './kinds.ts';

/** YAML and JSON have booleans of their own. */
const Value = Type.Union([Type.String(), Type.Boolean()]);

export const defaultsKind = json(Type.Record(Type.String(), Value), '{"wait-timeout":"5m","on-wait-timeout":"fail"}');

/** For editors and Helm. The server checks the values as it checks annotations. */
export const DefaultsInChart = Type.Object(
  Object.fromEntries(defaultNames.map((name) => [name, Type.Optional(schemaOf(name))])),
  { additionalProperties: false },
);

export const toTexts = (values: Readonly<Record<string, string | boolean>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, `${value}`]));

/** @returns a sentence for each value that cannot be used */
export const findBadDefaults = (values: Readonly<Record<string, string | boolean>>): string[] =>
  readDefaults(toTexts(values)).problems.map(describeDefault);

// --- internal ---

function schemaOf(name: OptionName): TSchema {
  const { parse, expected, about: description } = optionTable[name];
  if (parse === flag) return Type.Union([Type.Boolean(), Type.Enum(['true', 'false'])], { description });
  if (parse === duration) return Type.String({ pattern: '^[0-9]{1,9}(ms|s|m)$', description });
  if (parse === list) return Type.String({ pattern: '^[a-z0-9-]+( *, *[a-z0-9-]+)*$', description });
  return Type.Enum(expected.split(/, | or /), { description });
}
