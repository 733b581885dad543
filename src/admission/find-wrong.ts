/**
 * Finds the first place where a value does not match its schema. Typebox checks the whole value again for each mistake, without
 * its compiled code: more than a second for a list of 400,000.
 */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { escapedKey } from '../util/json-pointer.ts';

/** `path` is a JSON pointer; `expected` completes the sentence "it must …". */
type Wrong = { path: string; expected: string; found: unknown };

/** @param value does not match `schema`, which has only keywords of {@link Node} */
export function findWrong(schema: TSchema, value: unknown): Wrong {
  return down(schema as Node, value, '');
}

// --- internal ---

type Node = {
  type?: string;
  anyOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
  required?: string[];
  /** Of a map: see pod/schema.ts. */
  isValue?: (value: unknown) => boolean;
};

function down(schema: Node, value: unknown, path: string): Wrong {
  // The first alternative is the type of a value that may also be null.
  if (schema.anyOf?.[0]) return down(schema.anyOf[0], value, path);
  if (schema.type === 'array' && Array.isArray(value) && schema.items) {
    const index = value.findIndex(failing(schema.items));
    return down(schema.items, value[index], `${path}/${index}`);
  }
  if (schema.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return inObject(schema, value as Record<string, unknown>, path);
  }
  return { path, expected: `be ${schema.type}`, found: value };
}

function inObject(
  { properties = {}, required = [], isValue }: Node,
  value: Record<string, unknown>,
  path: string,
): Wrong {
  const missing = required.filter((key) => !Object.hasOwn(value, key));
  if (missing.length > 0) return { path, expected: `have required properties ${missing.join(', ')}`, found: value };
  for (const key in value) {
    const below = properties[key];
    if (below && failing(below)(value[key])) return down(below, value[key], `${path}/${key}`);
    if (isValue && !isValue(value[key]))
      return { path: `${path}/${escapedKey(key)}`, expected: 'be string', found: value[key] };
  }
  return { path, expected: 'be valid', found: value };
}

const failing = (schema: Node) => {
  const compiled = Compile(schema as TSchema);
  return (value: unknown) => !compiled.Check(value);
};
