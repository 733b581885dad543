/** Finds what somebody probably meant to write. Pure. */

/** Longer names are not compared: the time grows with the square of the length. */
const longest = 253;

/** @returns the name that differs in the fewest characters, if that is at most a third of them; two that changed places count once */
export function findNearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > longest) return undefined;
  let nearest: string | undefined;
  let least = Math.floor(name.length / 3) + 1;
  for (const each of names) {
    if (each.length > longest || Math.abs(each.length - name.length) >= least) continue;
    const distance = countEdits(name, each);
    if (distance < least) [nearest, least] = [each, distance];
  }
  return nearest;
}

// --- internal ---

/** The optimal string alignment distance, by rows. @see https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance */
function countEdits(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  let twoAbove: number[] = [];
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const haveSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] && row > 1 && column > 1;
      const swapped = haveSwapped ? (twoAbove[column - 2] ?? 0) + 1 : replaced;
      current.push(Math.min(replaced, swapped, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    [twoAbove, above] = [above, current];
  }
  return above[b.length] ?? 0;
}
