/** Reads `TYPE/NAME` and `TYPE NAME`, with the short names that kubectl has. Pure. */
import { isDnsSubdomain } from '../../util/dns-name.ts';
import { findNearest } from '../../util/nearest.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { shortened } from '../../util/text.ts';

export type ObjectKind = 'Job' | 'CronJob' | 'Pod';
export type ObjectName = { kind: ObjectKind; name: string };

/** @param preset the kind of a bare name; undefined if there is none */
export function parseObjectNames(words: readonly string[], preset?: ObjectKind): Result<ObjectName[], string> {
  const [first = ''] = words;
  const shared = words.length > 1 && !first.includes('/') ? kinds.get(first.toLowerCase()) : undefined;
  const names: ObjectName[] = [];
  for (const word of shared ? words.slice(1) : words) {
    const parsed = parseOne(word, shared ?? preset);
    if (!parsed.ok) return parsed;
    names.push(parsed.value);
  }
  return ok(names);
}

/** Names of objects, or kinds of which all objects are meant: `jobs`, `jobs,pods`. */
export type Asked = { names: ObjectName[] } | { kinds: ObjectKind[] };

export function parseObjectWords(words: readonly string[]): Result<Asked, string> {
  const parts = words.length === 1 ? (words[0] ?? '').toLowerCase().split(',') : [];
  const found = parts.flatMap((part) => kinds.get(part) ?? []);
  if (parts.length > 0 && found.length === parts.length) return ok({ kinds: [...new Set(found)] });
  const parsed = parseObjectNames(words);
  return parsed.ok ? ok({ names: parsed.value }) : parsed;
}

/** @param type as kubectl has it: `job`, `jobs.batch`, `cj` */
export const findKind = (type: string): ObjectKind | undefined => kinds.get(type.toLowerCase());

// --- internal ---

/** @see `kubectl api-resources` */
const kinds: ReadonlyMap<string, ObjectKind> = new Map([
  ...(['job', 'jobs', 'job.batch', 'jobs.batch'] as const).map((name) => [name, 'Job'] as const),
  ...(['cronjob', 'cronjobs', 'cj', 'cronjob.batch', 'cronjobs.batch'] as const).map(
    (name) => [name, 'CronJob'] as const,
  ),
  ...(['pod', 'pods', 'po'] as const).map((name) => [name, 'Pod'] as const),
]);

function parseOne(word: string, preset: ObjectKind | undefined): Result<ObjectName, string> {
  const [type = '', name, ...more] = word.split('/');
  const shown = shortened(word, 300);
  if (name === undefined) {
    if (preset && isDnsSubdomain(type)) return ok({ kind: preset, name: type });
    return fail(`expected TYPE/NAME, such as job/report; found ${shown}`);
  }
  const kind = findKind(type);
  if (!kind) return fail(`expected a job, a cronjob or a pod; found ${shown}${hint(type)}`);
  if (more.length > 0 || !isDnsSubdomain(name)) return fail(`expected TYPE/NAME, such as job/report; found ${shown}`);
  return ok({ kind, name });
}

function hint(type: string): string {
  const nearest = findNearest(type.toLowerCase(), kinds.keys());
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}
