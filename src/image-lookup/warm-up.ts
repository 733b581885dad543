/**
 * Looks up ahead what the images of Jobs and CronJobs run, so that their pods find it in the cache: each new template soon,
 * and all of them again and again, before what is known of a tag is too old, those that failed sooner. A few at a time, so
 * that the start of a webhook is no flood for registries.
 */
import { hash } from 'node:crypto';
import { checkImageCount } from '../entrypoint/resolve.ts';
import type { Pod } from '../pod/schema.ts';

/** What pods will be made of: of its spec only what a lookup reads, and only containers without a command. */
export type Template = { uid: string; namespace: string; pod: Pod };

export type TemplateEvents = {
  /** It is new, or has changed. */
  onTemplate: (template: Template) => void;
  onGone: (uid: string) => void;
};

type WarmUpDeps = {
  /** @returns what ends it */
  follow: (events: TemplateEvents) => () => void;
  /** Asks for what a tag points to even if that is known. @returns whether all was found */
  look: (template: Template) => Promise<boolean>;
  /** A sentence: a lookup has thrown, which is a bug, and no reason to stop. */
  onError: (problem: string) => void;
  /** How long after a lookup the next one of the same is due: less than a tag's lifetime. */
  everyMilliseconds: number;
  /** How long after one that failed; twice as long after each further one, up to everyMilliseconds. */
  againMilliseconds: number;
};

/** @returns what ends it; lookups that are underway end by themselves */
export function startWarmUp(deps: WarmUpDeps): () => void {
  const { follow, look, onError, everyMilliseconds, againMilliseconds } = deps;
  const keys = new Map<string, string>();
  const fresh = new Map<string, Group>();
  /** Looked up before, longest ago first. */
  const known = new Map<string, Group>();
  /** When those that failed are to be looked up again. */
  const failed = new Map<string, number>();
  /** How many of a namespace's are looked up now. */
  const running = new Map<string, number>();
  let underway = 0;
  /** How many of them are to be looked up again by now. */
  let due = 0;
  let isStopped = false;

  const runningOf = ({ template: { namespace } }: Group) => running.get(namespace) ?? 0;

  /** The first of a namespace of which fewest are looked up now: one with registries that hang takes no other's turn. */
  const fairest = (groups: Iterable<[string, Group]>): [string, Group] | undefined => {
    let best: [string, Group] | undefined;
    for (const each of groups) {
      if (!best || runningOf(each[1]) < runningOf(best[1])) best = each;
      if (runningOf(best[1]) === 0) break;
    }
    return best;
  };

  const next = (): [string, Group] | undefined => {
    if (fresh.size > 0) return fairest(fresh);
    if (known.size > 0 && due >= 1) {
      due--;
      return fairest(known);
    }
    // Last: what fails takes its time, and no other's turn.
    const isDue = ([key]: [string, Group]) => (failed.get(key) ?? Infinity) <= performance.now();
    return fairest([...known].filter(isDue));
  };

  const forget = (key: string) => {
    for (const groups of [fresh, known, failed]) groups.delete(key);
  };

  const lookAt = async ([key, group]: [string, Group]) => {
    forget(key);
    known.set(key, group);
    const { namespace } = group.template;
    running.set(namespace, runningOf(group) + 1);
    underway++;
    const isFound = await look(group.template).catch((error: unknown) => {
      onError(`a lookup ahead of its pods failed: ${error instanceof Error ? error.message : error}`);
      return false;
    });
    underway--;
    if (runningOf(group) > 1) running.set(namespace, runningOf(group) - 1);
    else running.delete(namespace);
    group.failures = isFound ? 0 : group.failures + 1;
    const wait = againMilliseconds * 2 ** (group.failures - 1);
    if (!isFound && wait < everyMilliseconds && known.has(key)) failed.set(key, performance.now() + wait);
    lookAtSome();
  };

  const lookAtSome = () => {
    while (!isStopped && underway < atATime) {
      const found = next();
      if (!found) return;
      void lookAt(found);
    }
  };

  const onGone = (uid: string) => {
    const key = keys.get(uid);
    const group = key !== undefined && (fresh.get(key) ?? known.get(key));
    if (!group) return;
    keys.delete(uid);
    group.uids.delete(uid);
    if (group.uids.size > 0) return;
    forget(key);
  };

  const onTemplate = (template: Template) => {
    const key = keyOf(template);
    if (keys.get(template.uid) === key) return;
    onGone(template.uid);
    // Nor will they be looked up for its pods.
    if (checkImageCount(template.pod.spec.containers.map(({ image }) => image ?? ''))) return;
    const group = fresh.get(key) ?? known.get(key) ?? { template, uids: new Set(), failures: 0 };
    keys.set(template.uid, key);
    group.uids.add(template.uid);
    if (!known.has(key)) fresh.set(key, group);
    lookAtSome();
  };

  // So many a step that the turn of each comes in time, and never all of them at once.
  const step = Math.min(1000, everyMilliseconds / 10, againMilliseconds);
  const timer = setInterval(() => {
    due = Math.min(due + (known.size * step) / everyMilliseconds, known.size);
    lookAtSome();
  }, step);
  timer.unref();
  const stopFollowing = follow({ onTemplate, onGone });

  return () => {
    isStopped = true;
    clearInterval(timer);
    stopFollowing();
  };
}

// --- internal ---

/** Over all registries. */
const atATime = 4;

/** Templates of which one lookup does for all, as of CronJobs that run one image with different arguments. */
type Group = { template: Template; uids: Set<string>; failures: number };

function keyOf({ namespace, pod: { spec } }: Template): string {
  const images = spec.containers.map(({ image, imagePullPolicy }) => `${image} ${imagePullPolicy}`);
  return hash('sha256', JSON.stringify([namespace, { ...spec, containers: [...new Set(images)].sort() }]), 'base64url');
}
