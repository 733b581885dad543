/**
 * Looks up the images of Jobs and CronJobs ahead of time, so that their pods find them in the cache. It looks up each new
 * template soon, and all of them again before the cache's tags are too old; sooner after a failure. It does a few at a time,
 * so that a webhook that starts does not flood registries.
 */
import { hash } from 'node:crypto';
import { checkImageCount } from '../entrypoint/resolve.ts';
import type { Pod } from '../pod/schema.ts';
import { readErrorMessage } from '../util/errors.ts';

/** A pod template. Its spec has only what a lookup reads, and only containers without a command. */
export type Template = { uid: string; namespace: string; pod: Pod };

export type TemplateEvents = {
  /** It is new, or has changed. */
  onTemplate: (template: Template) => void;
  onGone: (uid: string) => void;
};

type WarmUpDeps = {
  /** @returns a function that ends it */
  follow: (events: TemplateEvents) => () => void;
  /** Asks what a tag points to even if that is in the cache. @returns whether all images were found */
  look: (template: Template) => Promise<boolean>;
  /** A lookup threw, which is a bug; the warm-up goes on. The problem is a sentence. */
  onError: (problem: string) => void;
  /** How long after a lookup to repeat it: less than a tag's lifetime. */
  everyMilliseconds: number;
  /** How long after a failure; twice as long after each further one, up to everyMilliseconds. */
  againMilliseconds: number;
};

/** @returns a function that ends it; lookups that are underway end by themselves */
export function startWarmUp(deps: WarmUpDeps): () => void {
  const { follow, look, onError, everyMilliseconds, againMilliseconds } = deps;
  const keys = new Map<string, string>();
  const fresh = new Map<string, Group>();
  /** Looked up before, the longest ago first. */
  const known = new Map<string, Group>();
  /** When to look up again those that failed. */
  const failed = new Map<string, number>();
  /** How many lookups of a namespace are underway. */
  const running = new Map<string, number>();
  let underway = 0;
  /** How many of the known groups are due by now. */
  let due = 0;
  let isStopped = false;

  const runningOf = ({ template: { namespace } }: Group) => running.get(namespace) ?? 0;

  /** The first group of a namespace with the fewest lookups underway: one whose registries hang takes no other's turn. */
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
    // Failures come last, because they take long.
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
      onError(`a lookup ahead of its pods failed: ${readErrorMessage(error)}`);
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
    if (checkImageCount(new Set(template.pod.spec.containers.map(({ image }) => image ?? '')))) return;
    const group = fresh.get(key) ?? known.get(key) ?? { template, uids: new Set(), failures: 0 };
    keys.set(template.uid, key);
    group.uids.add(template.uid);
    if (!known.has(key)) fresh.set(key, group);
    lookAtSome();
  };

  // So many in each step that each group's turn comes in time, and never all of them at once.
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

/** Templates that share one lookup, such as CronJobs that run one image with different arguments. */
type Group = { template: Template; uids: Set<string>; failures: number };

function keyOf({ namespace, pod: { spec } }: Template): string {
  const images = spec.containers.map(({ image, imagePullPolicy }) => `${image} ${imagePullPolicy}`);
  return hash('sha256', JSON.stringify([namespace, { ...spec, containers: [...new Set(images)].sort() }]), 'base64url');
}
