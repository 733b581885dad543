/** From an object as it was sent to a Pod whose fields have the types that they are read with. */
import { Compile } from 'typebox/compile';
import { Pod } from '../pod/schema.ts';
import { pruned } from '../util/pruned.ts';
import { shortened } from '../util/text.ts';
import { findWrong } from './find-wrong.ts';
import { warningBounds } from './warnings.ts';

const schema = Compile(Pod);

/** @returns the object itself, unchanged; `problem` names the JSON pointer, what was expected and what was found */
export function decodePod(value: unknown): { ok: true; pod: Pod } | { ok: false; problem: string } {
  if (schema.Check(value)) return { ok: true, pod: value };
  const { path, expected, found } = findWrong(Pod, value);
  const problem = `${path || 'the pod'} must ${expected}; found ${shown(found)}`;
  return { ok: false, problem: shortened(problem, warningBounds.characters) };
}

// --- internal ---

const shown = (value: unknown) =>
  shortened(JSON.stringify(pruned(value, { characters: 60, items: 5, depth: 3 })) ?? 'nothing', 61);
