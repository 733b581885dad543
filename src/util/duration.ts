/** Durations as people write them: 500ms, 30s, 10m, 12h, 7d. */

const unitMilliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
type Unit = keyof typeof unitMilliseconds;

/** @returns milliseconds; NaN if the text is not a whole number and one of the `units` */
export function parseDuration(text: string, units: readonly Unit[] = ['ms', 's', 'm', 'h', 'd']): number {
  const [, count, written] = /^(\d{1,12})([a-z]+)$/.exec(text) ?? [];
  const unit = units.find((known) => known === written);
  return unit ? Number(count) * unitMilliseconds[unit] : Number.NaN;
}
