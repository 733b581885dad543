/** Checks an object against the schema of the fields that Clockout reads of a Pod. */
import { Compile } from 'typebox/compile';
import { Pod } from '../pod/schema.ts';
import { pruned } from '../util/pruned.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { findWrong } from './find-wrong.ts';
import { warningBounds } from './warnings.ts';

const schema = Compile(Pod);

/** @returns the object itself; or a sentence with the JSON pointer, what was expected and what was found */
export function decodePod(value: unknown): Result<Pod, string> {
  if (schema.Check(value)) return ok(value);
  const { path, expected, found } = findWrong(Pod, value);
  const problem = `${path || 'the pod'} must ${expected}; found ${shown(found)}`;
  return fail(shortened(problem, warningBounds.characters));
}

// --- internal ---

const shown = (value: unknown) =>
  shortened(JSON.stringify(pruned(value, { characters: 60, items: 5, depth: 3 })) ?? 'nothing', 61);
