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
    const cron = new Cron(text.replaceAll('?', '*'), { timezone: 'Etc/UTC', mode: '5-part', sloppyRanges: true });
    return cron.nextRun(new Date(after))?.getTime();
  } catch {
    return undefined;
  }
}

// --- internal ---

/** Five years, as for a schedule of days. */
const longest = 5 * 366 * 86_400_000;

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };

/** `1h30m` */
function addDuration(after: number, text: string): number | undefined {
  const parts = [...text.matchAll(/(\d{1,9})([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const every = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[`${unit}`] ?? 0), 0);
  return every > 0 && every <= longest ? after + every : undefined;
}
