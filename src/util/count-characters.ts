/**
 * Counts without building the JSON: its escapes can make a text six times as long, and a text can stand in several places.
 * @param most where to stop counting
 * @returns how many characters the value has as JSON, at least
 */
export function countCharacters(value: unknown, most: number): number {
  const rest = [value];
  let count = 0;
  for (let next = rest.pop(); next !== undefined && count <= most; next = rest.pop()) {
    if (typeof next === 'string') count += next.length + 2;
    else if (typeof next === 'object' && next !== null) for (const each of Object.values(next)) rest.push(each ?? null);
    else count++;
  }
  return count;
}
