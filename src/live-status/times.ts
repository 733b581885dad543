/** Times in a status, as people say them. Pure. */

import { plural } from '../util/count.ts';

/** `12 minutes ago`; undefined if the text is no time. */
export function formatAgo(time: unknown, now: number): string | undefined {
  const at = readTime(time);
  if (at === undefined) return undefined;
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  const [length, unit] = units.find(([least]) => seconds >= least) ?? [1, 'second'];
  const count = Math.floor(seconds / length);
  return count === 0 ? 'just now' : `${plural(count, unit)} ago`;
}

/** Milliseconds since 1970. A status has times as RFC 3339. */
export function readTime(text: unknown): number | undefined {
  const at = typeof text === 'string' && text.length <= 40 ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** RFC 3339, in UTC. @param time milliseconds since 1970 */
export const formatTime = (time: number): string => new Date(time).toISOString();

/** `2026-11-30`, in UTC. */
export const formatDay = (time: number): string => formatTime(time).slice(0, 10);

// --- internal ---

const units: readonly [seconds: number, unit: string][] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];
