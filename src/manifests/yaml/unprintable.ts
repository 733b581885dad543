/** Values that JSON cannot say: Kubernetes refuses them, unless a later key takes their place. */
import type { Failure } from './scan/scanner.ts';

/** `key` is undefined if the key itself is what JSON cannot say. */
export type Suspect = { holder: object; key: string | number | undefined; failure: Failure };

/** @param offset of the value in the text */
export function suspect(suspects: Suspect[], holder: object, key: string | number, offset: number): void {
  const value: unknown = Reflect.get(holder, key);
  if (!isUnprintable(value)) return;
  const sentence = `expected a number that JSON has, found ${Number.isNaN(value) ? '.nan' : '.inf'}; put it in quotes`;
  suspects.push({ holder, key, failure: { offset, sentence } });
}

/** @returns the first suspect that no later key has taken the place of */
export function findUnprintable(root: object, suspects: readonly Suspect[]): Failure | undefined {
  if (suspects.length === 0) return undefined;
  const reachable = new Set<unknown>();
  const pending: unknown[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    reachable.add(next);
    for (const value of Object.values(next)) if (value !== undefined) pending.push(value);
  }
  const isBad = ({ holder, key }: Suspect) =>
    reachable.has(holder) && (key === undefined || isUnprintable(Reflect.get(holder, key)));
  return suspects.find(isBad)?.failure;
}

// --- internal ---

const isUnprintable = (value: unknown) => typeof value === 'number' && !Number.isFinite(value);
