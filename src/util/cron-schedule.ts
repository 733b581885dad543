/** When a CronJob runs next. */
import { Cron } from 'croner';

/** Longer than any that is useful. */
const mostCharacters = 200;

/**
 * In UTC: a time zone moves that by less than a day.
 * @returns milliseconds since 1970; undefined if it never runs, or the schedule cannot be read
 * @see https://github.com/robfig/cron/blob/v3.0.1/parser.go (what Kubernetes reads schedules with)
 */
export function findNextRun(schedule: string, after: number): number | undefined {
  if (schedule.length > mostCharacters) return undefined;
  const text = schedule.replace(/^(CRON_)?TZ=\S* /, '').trim();
  const every = /^@every (.*)$/.exec(text);
  if (every) return addDuration(after, every[1] ?? '');
  try {
    // Here `?` is the time at which the program starts; to Kubernetes it is the same as `*`.
    const fields = text.replaceAll('?', '*').split(/\s+/);
    const options = { timezone: 'Etc/UTC', sloppyRanges: true };
    const cron =
      fields.length === 5
        ? new Cron(withYears(fields, new Date(after).getUTCFullYear()), { ...options, mode: '7-part' })
        : new Cron(text, { ...options, mode: '5-part' });
    return cron.nextRun(new Date(after))?.getTime();
  } catch {
    return undefined;
  }
}

// --- internal ---

/**
 * As a schedule of seven fields, which is not searched for beyond its years: without them, a schedule that never comes costs a search
 * until the year 3000.
 * @see https://github.com/robfig/cron/blob/v3.0.1/spec.go (Kubernetes looks as far)
 */
const withYears = (fields: readonly string[], year: number): string =>
  `0 ${fields.join(' ')} ${year}-${year + mostYears}`;

const mostYears = 5;

const longest = mostYears * 366 * 86_400_000;

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };

/** `1h30m` */
function addDuration(after: number, text: string): number | undefined {
  const parts = [...text.matchAll(/(\d{1,9})([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const every = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[`${unit}`] ?? 0), 0);
  return every > 0 && every <= longest ? after + every : undefined;
}
