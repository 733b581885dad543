/** From the bytes of an answer to a value of a known shape. */
import { measureJson } from '../../util/measure-json.ts';
import { fail, ok } from '../../util/result.ts';
import type { RegistryProblem, RegistryResult } from '../problem.ts';
import type { HttpAnswer } from './exchange.ts';
import { showPointer } from './show.ts';

/** A compiled schema. */
type Schema<T> = {
  Check: (value: unknown) => value is T;
  Errors: (value: unknown) => { instancePath: string; message: string }[];
};

/** @param expected what the bytes should be, as in `an image manifest` */
export function decodeJson<T>(answer: HttpAnswer, schema: Schema<T>, expected: string): RegistryResult<T> {
  const measured = measureJson(answer.body, bounds);
  const over = (['values', 'depth'] as const).find((unit) => measured[unit] > bounds[unit]);
  if (over) return fail({ kind: 'too-large', address: answer.address, limit: bounds[over], unit: over });
  const value = parseJson(answer.body);
  if (schema.Check(value)) return ok(value);
  if (value === undefined) return fail(invalidAnswer(answer, expected, 'something that is not JSON'));
  // The deepest error says most: those above it are of the unions that it is part of.
  const error = schema.Errors(value).reduce((a, b) => (depth(b.instancePath) > depth(a.instancePath) ? b : a));
  const found = `one whose ${showPointer(error.instancePath)} ${error.message}`;
  return fail(invalidAnswer(answer, expected, found));
}

export const invalidAnswer = ({ address, status }: HttpAnswer, expected: string, found: string): RegistryProblem => ({
  kind: 'invalid-answer',
  address,
  status,
  expected,
  found,
});

/** @returns undefined for what is not JSON */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

// --- internal ---

/** Ten times as much as images of 127 layers have, with a long history and environment; parsed, it takes 3 MB at most. */
const bounds = { values: 20_000, keys: 20_000, depth: 100 };

const depth = (path: string) => path.split('/').length;
