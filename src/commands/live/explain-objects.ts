/** Explains what of a cluster is named or selected. */
import type { LookupImageConfig } from '../../entrypoint/resolve.ts';
import type { Explanation } from '../../explain/explanation.ts';
import { explainObject, type LiveDeps } from '../../explain/live/explain-object.ts';
import { markHanging } from '../../explain/live/mark-hanging.ts';
import { type Found, readObjects, type Wanted } from '../../explain/live/read-objects.ts';
import { readView } from '../../explain/live/read-view.ts';
import { findValue } from '../../manifests/find-pods.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { Cli } from '../command.ts';
import { type ClusterFlags, openCluster } from './cluster-options.ts';
import { parseObjectWords } from './object-names.ts';

/** `problems` are sentences: what was asked for and is not there, and what could not be read. */
export type Explained = { explanations: Explanation[]; problems: string[] };

/** @returns a problem of what was written, or of the kubeconfig */
export async function explainObjects(
  words: readonly string[],
  flags: ClusterFlags,
  deps: Omit<LiveDeps, 'view'> & { lookup?: LookupImageConfig },
  cli: Cli,
): Promise<Result<Explained, string>> {
  const opened = openCluster(flags, cli);
  if (!opened.ok) return opened;
  const { api, namespace, scope, context } = opened.value;
  const wanted = readWanted(words, flags, { namespace, scope });
  if (!wanted.ok) return wanted;
  const { found, problems } = await readObjects(api, wanted.value);
  if (found.length === 0) return ok({ explanations: [], problems: problems.length > 0 ? problems : [nothing] });
  const namespaces = found.map(({ object }) => String(findValue(object, 'metadata', 'namespace')));
  const { view, problems: unread } = await readView(api, namespaces);
  const said = [...problems, ...unread.map(({ message }) => message)];
  const explanations: Explanation[] = [];
  for (const each of found) {
    const explained = await explainAll(each, context, { ...deps, view }, said);
    explanations.push(...markHanging(explained, deps.program));
  }
  return ok({ explanations, problems: said });
}

// --- internal ---

const nothing = 'there is nothing to explain: no object has these labels, or is of this kind';

/** Without names, all Jobs and pods are meant. */
function readWanted(
  words: readonly string[],
  { selector }: ClusterFlags,
  { namespace, scope }: { namespace: string; scope: string | undefined },
): Result<Wanted, string> {
  if (words.length === 0) return ok({ kinds: ['Job', 'Pod'], namespace: scope, selector });
  const parsed = parseObjectWords(words);
  if (!parsed.ok) return parsed;
  if ('kinds' in parsed.value) return ok({ kinds: parsed.value.kinds, namespace: scope, selector });
  if (scope === undefined) return fail('a name is in one namespace: give -n in place of -A');
  if (selector !== undefined) return fail('give names or -l, not both');
  return ok({ names: parsed.value.names, namespace });
}

/** An object, then what is below it. */
async function explainAll(
  { object, owner, below }: Found,
  context: string,
  deps: LiveDeps,
  problems: string[],
): Promise<Explanation[]> {
  const explained = await explainObject(object, { context, ...(owner !== undefined && { owner }) }, deps);
  if (!explained.ok) problems.push(...explained.problem);
  const explanations = explained.ok ? [explained.value] : [];
  for (const each of below) explanations.push(...(await explainAll(each, context, deps, problems)));
  return explanations;
}
