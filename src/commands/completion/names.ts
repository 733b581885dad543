/** Names for a command line, from the kubeconfig and the cluster. Whatever stands in the way, there are just no names. */
import type { Api, Target } from '../../kubernetes/api/api.ts';
import { findValue } from '../../util/find-value.ts';
import type { Cli } from '../command.ts';
import { openCluster } from '../live/cluster-options.ts';
import { findKind, type ObjectKind } from '../live/object-names.ts';
import type { Candidate, Elsewhere } from './candidates.ts';

/**
 * @param words those before the one that is being written, with the options that choose a cluster
 * @param current that one
 */
export async function findNames(
  what: Exclude<Elsewhere, 'files'>,
  words: readonly string[],
  current: string,
  cli: Cli,
): Promise<Candidate[]> {
  const [type = '', name] = current.split('/');
  const kinds = what === 'jobs-and-pods' ? (['Job', 'Pod'] as const) : (['Job', 'CronJob', 'Pod'] as const);
  const types = kinds.map((kind) => ({ value: `${kind.toLowerCase()}/` }));
  if (what === 'objects' && name === undefined) return types;
  const opened = openCluster({ ...readFlags(words), requestTimeout: patience }, cli);
  if (!opened.ok) return [];
  const { api, config, namespace } = opened.value;
  if (what === 'contexts') return config.getContexts().map((context) => ({ value: context.name }));
  if (what === 'namespaces') return asCandidates(await listNames(api, { resource: 'namespaces' }));
  if (name === undefined) return [...asCandidates(await listNames(api, { ...targets.Job, namespace })), ...types];
  const kind = kinds.find((each) => each === findKind(type));
  return kind ? asCandidates(await listNames(api, { ...targets[kind], namespace }), `${type}/`) : [];
}

// --- internal ---

/** Milliseconds. The user has pressed a key and waits. */
const patience = 3000;

const targets: Record<ObjectKind, Target> = {
  Job: { group: 'batch', resource: 'jobs' },
  CronJob: { group: 'batch', resource: 'cronjobs' },
  Pod: { resource: 'pods' },
};

async function listNames(api: Api, target: Target): Promise<string[]> {
  const { items } = await api.list(target, { read: (object) => findValue(object, 'metadata', 'name') });
  return items.filter((each) => typeof each === 'string');
}

const asCandidates = (names: readonly string[], before = ''): Candidate[] =>
  names.map((name) => ({ value: `${before}${name}` }));

/** The others do not matter for names. */
function readFlags(words: readonly string[]) {
  const findFlag = (...flags: string[]) => {
    const at = words.findLastIndex((word) => flags.includes(word.split('=')[0] ?? ''));
    const [, joined] = /^--?[^=]+=(.*)$/s.exec(words[at] ?? '') ?? [];
    return at < 0 ? undefined : (joined ?? (words[at + 1] === '=' ? words[at + 2] : words[at + 1]));
  };
  const [kubeconfig, context, as, namespace] = [
    findFlag('--kubeconfig'),
    findFlag('--context'),
    findFlag('--as'),
    findFlag('-n', '--namespace'),
  ];
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(as !== undefined && { as }),
    ...(namespace !== undefined && { namespace }),
  };
}
