/**
 * Counts without building the JSON: its escapes can make a text six times as long, and a text can stand in several places.
 * @param most where to stop counting
 * @returns how many characters the value has as JSON, at least
 */
export function countCharacters(value: unknown, most: number): number {
  let count = 0;
  const add = (each: unknown) => {
    if (count > most) return;
    if (typeof each === 'string') count += each.length + 2;
    else if (Array.isArray(each)) each.forEach(add);
    else if (typeof each === 'object' && each !== null) for (const key in each) add(each[key as keyof typeof each]);
    else count++;
  };
  add(value);
  return count;
}
