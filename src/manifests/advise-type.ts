/** What to do about a value of the wrong type in a manifest. Pure. */

/** @param problem as `decodePod` words it @returns how its sentence goes on; nothing if there is no advice */
export function adviseType(problem: string): string {
  const advice = all.find(([pattern]) => pattern.test(problem))?.[1];
  return advice === undefined ? '' : `; ${advice}`;
}

// --- internal ---

const all: readonly (readonly [RegExp, string])[] = [
  [/ must be string; found (-?[\d.]|true$|false$)/, 'put it in quotes'],
  [/ must be string; found null$/, 'write a text, or remove it'],
  [/ must be (number|integer|boolean); found "/, 'remove the quotes'],
  [/ must be array; found /, 'write a list'],
  [/ must be object; found /, 'write a map'],
  [/ must have required properties /, 'add what is missing'],
];
