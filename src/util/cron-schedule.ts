/**
 * When a CronJob runs next. In UTC: a time zone moves that by less than a day.
 * @see https://github.com/robfig/cron/blob/v3.0.1/parser.go (what Kubernetes reads schedules with)
 */
const day = 86_400_000;

/** As robfig/cron: a day that does not come in five years never comes. */
const mostDays = 5 * 366;

/** Longer than any that is useful. */
const mostCharacters = 200;

/** @returns milliseconds since 1970; undefined if it never runs, or the schedule cannot be read */
export function findNextRun(schedule: string, after: number): number | undefined {
  const text = schedule.length > mostCharacters ? '' : schedule.replace(/^(CRON_)?TZ=\S* /, '').trim();
  if (text.startsWith('@every ')) return addDuration(after, text.slice('@every '.length));
  const fields = (descriptors[text] ?? text).split(/\s+/);
  const [minutes, hours, ...dates] = fields.map((field, i) => readField(field, ranges[i]));
  const isOn = createIsOn(dates);
  if (!minutes || !hours || !isOn) return undefined;
  const times = [...hours.values].flatMap((hour) => [...minutes.values].map((minute) => (hour * 60 + minute) * 60_000));
  const first = Math.floor(after / day) * day;
  for (let midnight = first; midnight <= first + mostDays * day; midnight += day) {
    if (!isOn(new Date(midnight))) continue;
    const next = Math.min(...times.map((time) => midnight + time).filter((time) => time > after));
    if (next !== Number.POSITIVE_INFINITY) return next;
  }
  return undefined;
}

// --- internal ---

const descriptors: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

type Range = { least: number; most: number; names?: readonly string[] };

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const ranges: readonly Range[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: monthNames },
  { least: 0, most: 6, names: weekdayNames },
];

type Field = { values: ReadonlySet<number>; isAny: boolean };

/** @returns whether it runs on a day; undefined if one of the fields cannot be read, or there are too many or too few */
function createIsOn([days, months, weekdays, ...more]: readonly (Field | undefined)[]) {
  if (!days || !months || !weekdays || more.length > 0) return undefined;
  return (date: Date): boolean => {
    if (!months.values.has(date.getUTCMonth() + 1)) return false;
    const [isDay, isWeekday] = [days.values.has(date.getUTCDate()), weekdays.values.has(date.getUTCDay())];
    // If both are given, one is enough.
    return days.isAny || weekdays.isAny ? isDay && isWeekday : isDay || isWeekday;
  };
}

function readField(text: string, range: Range | undefined): Field | undefined {
  const parts = range ? text.split(',').map((part) => readPart(part, range)) : [];
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  return { values: new Set(parts.flatMap((part) => part ?? [])), isAny: text === '*' || text === '?' };
}

/** `*`, `5`, `1-5`, each also with a step. */
function readPart(text: string, range: Range): number[] | undefined {
  const [, any, low, high, step] = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(text) ?? [];
  const from = any === undefined ? readNumber(low, range) : range.least;
  const single = step === undefined ? from : range.most;
  const to = any === undefined ? (high === undefined ? single : readNumber(high, range)) : range.most;
  const every = Number(step ?? 1);
  if (from === undefined || to === undefined || from > to || every < 1) return undefined;
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
}

function readNumber(text: string | undefined, { least, most, names = [] }: Range): number | undefined {
  const named = names.indexOf(text?.toLowerCase() ?? '');
  const value = named >= 0 ? named + least : /^\d{1,2}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000 };

/** `1h30m` */
function addDuration(after: number, text: string): number | undefined {
  const parts = [...text.matchAll(/(\d{1,9})([hms])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  const every = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[`${unit}`] ?? 0), 0);
  return every > 0 && every <= mostDays * day ? after + every : undefined;
}
