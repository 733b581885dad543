/** Explains what of a cluster is named or selected. */
import type { Explanation } from '../../explain/explanation.ts';
import { findWitness } from '../../explain/live/expected-sidecar.ts';
import { explainObject, type LiveDeps } from '../../explain/live/explain-object.ts';
import { markHanging } from '../../explain/live/mark-hanging.ts';
import { type Found, readObjects } from '../../explain/live/read-objects.ts';
import { readView } from '../../explain/live/read-view.ts';
import { findValue } from '../../util/find-value.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Cli } from '../command.ts';
import { type ClusterFlags, openCluster } from './cluster-options.ts';
import type { Asked } from './object-names.ts';

/** `problems` are sentences: what was asked for and is not there, and what could not be read. */
export type Explained = { explanations: Explanation[]; problems: string[] };

/** @returns a problem of the kubeconfig */
export async function explainObjects(
  asked: Asked,
  flags: ClusterFlags,
  deps: Omit<LiveDeps, 'view'>,
  cli: Cli,
): Promise<Result<Explained, string>> {
  const opened = openCluster(flags, cli);
  if (!opened.ok) return opened;
  const { api, namespace, scope, context } = opened.value;
  const { found, problems } = await readObjects(
    api,
    'names' in asked ? { ...asked, namespace } : { ...asked, namespaces: scope, selector: flags.selector },
  );
  if (found.length === 0) return ok({ explanations: [], problems });
  const namespaces = found.map(({ object }) => String(findValue(object, 'metadata', 'namespace')));
  const view = await readView(api, namespaces);
  const said = [...problems, ...view.unread.map(({ problem }) => problem.message)];
  const explanations: Explanation[] = [];
  for (const each of found) {
    const explained = await explainAll(each, context, { ...deps, view }, said);
    explanations.push(...markHanging(explained, deps.called));
  }
  return ok({ explanations, problems: said });
}

// --- internal ---

/** An object, then what is below it. */
async function explainAll(
  { object, owner, below }: Found,
  context: string,
  deps: LiveDeps,
  problems: string[],
): Promise<Explanation[]> {
  const place = { context, ...(owner !== undefined && { owner }) };
  const explained = await explainObject(object, place, deps, findWitness(below.map((each) => each.object)));
  if (!explained.ok) problems.push(...explained.problem);
  const explanations = explained.ok ? [explained.value] : [];
  for (const each of below) explanations.push(...(await explainAll(each, context, deps, problems)));
  return explanations;
}
