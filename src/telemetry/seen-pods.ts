/**
 * Which pods a replica has been asked about lately. The API server asks again about a pod that was changed after Clockout's answer,
 * with another uid of the request. At that time a pod has no uid of its own, and Job pods have no name: but their token has a volume
 * with a random name, which stays.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/plugin/pkg/admission/serviceaccount/admission.go
 */
import { LRUCache } from 'lru-cache';
import { readReason } from '../admission/outcome.ts';
import { findController } from '../pod/owner.ts';
import type { Pod, Volume } from '../pod/schema.ts';
import type { Answered } from './logger.ts';
import { readLook } from './second-look.ts';

/** The API server creates a pod, or gives up, in less. */
const milliseconds = 60_000;

/** Some 2 MiB. */
const mostPods = 10_000;

/** @returns a function that says whether an earlier answer about the pod told the same */
export function createSeenPods(now: () => number): (answered: Answered) => boolean {
  const seen = new LRUCache<string, { said: string; until: number }>({ max: mostPods });
  /** Once this replica has seen a pod of Istio's before the API server mounted its token, it knows in which order it is called. */
  let comesAfterIstio = false;
  return ({ request, pod, outcome, treatment }) => {
    const look = readLook(pod);
    comesAfterIstio ||= look === 'first';
    const key = readKey(`${request.namespace}${request.dryRun ? ' dry run' : ''}`, request.name, pod);
    if (key === undefined) return false;
    const said = `${treatment} ${readReason(outcome) ?? 'changed'}`;
    const known = seen.get(key);
    if (known?.said === said && now() < known.until) return true;
    seen.set(key, { said, until: now() + milliseconds });
    // Another replica has said the same, unless a lookup has succeeded since.
    return known === undefined && comesAfterIstio && look === 'later' && outcome.kind === 'skipped';
  };
}

// --- internal ---

/** Longer ones are not of Kubernetes. */
const longestKey = 1000;

const tokenVolume = 'kube-api-access-';
const randomCharacters = 5;

const isTokenVolume = ({ name }: Volume) =>
  name.startsWith(tokenVolume) && name.length === tokenVolume.length + randomCharacters;

/** @returns undefined for a pod that cannot be told from others of its Job: it has neither a name nor a token */
function readKey(namespace: string, requested: string | undefined, { metadata, spec }: Pod): string | undefined {
  const name = requested || metadata?.name;
  const token = spec.volumes?.find(isTokenVolume)?.name;
  if (!name && token === undefined) return undefined;
  const key = [namespace, findController(metadata)?.uid, metadata?.generateName, name, token].join('/');
  return key.length <= longestKey ? key : undefined;
}
