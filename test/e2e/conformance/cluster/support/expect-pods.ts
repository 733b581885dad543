/** What must hold for the pods of a pair of Jobs, beside what both show. */
import { expect } from 'vitest';
import type { KubeObject } from '../../../cluster/api.ts';
import { expectWithin } from '../../../cluster/progress.ts';
import { logOf } from '../../../cluster/suite/kube.ts';
import { nameOf } from './verdict.ts';
import type { SeenPod } from './watch-namespace.ts';

export function expectBare({ spec, metadata }: KubeObject): void {
  expect(metadata.annotations?.['clockout.dev/status']).toBeUndefined();
  const names = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }: KubeObject) => name);
  expect(names).not.toContain('istio-proxy');
}

export function expectWrapped({ spec, metadata }: KubeObject, sidecars: string[]): void {
  expect(metadata.annotations?.['clockout.dev/status'], `status of ${metadata.name}`).toBeDefined();
  expect(spec.containers.map(({ name }: KubeObject) => name)).toEqual(expect.arrayContaining(sidecars));
}

export function expectNative({ spec, metadata }: KubeObject, sidecar: string): void {
  expect(metadata.annotations?.['clockout.dev/native'], `native sidecars of ${metadata.name}`).toContain(sidecar);
  expect(spec.initContainers).toContainEqual(expect.objectContaining({ name: sidecar, restartPolicy: 'Always' }));
  expect(spec.containers.map(({ name }: KubeObject) => name)).not.toContain(sidecar);
}

/** Kubernetes ends native sidecars after the apps, however these end. */
export function expectOutlived({ pod, ends }: SeenPod, names: string[], sidecars: string[]): void {
  const last = (name: string) => Math.max(0, ...(ends[name] ?? []).map(endOf));
  const appEnd = Math.max(0, ...names.map(last));
  // A status has whole seconds.
  for (const sidecar of sidecars.filter((each) => ends[each]?.length))
    expect(last(sidecar), `end of ${sidecar} of ${pod.metadata.name}`).toBeGreaterThanOrEqual(appEnd);
}

type Expected = {
  /** The classic sidecars, and how they may end. */
  sidecars: string[];
  mayEnd: string[];
  /** Seconds from the end of the last app to the end of its pod. */
  bound: number;
};

/** The sidecars ended well, and the pod soon after the app. */
export async function expectSidecarsEnded(
  seen: SeenPod,
  names: string[],
  { sidecars, mayEnd, bound }: Expected,
): Promise<void> {
  const { pod, ends } = seen;
  const statuses = (pod.status.containerStatuses ?? []).filter(({ name }: KubeObject) => sidecars.includes(name));
  // Deleted before they could start?
  if (!statuses.some(({ containerID }: KubeObject) => containerID)) return;
  for (const { name } of statuses) {
    const last = ends[name]?.at(-1);
    const end = last ? nameOf(last) : 'still runs';
    expect(mayEnd, `${name} of ${pod.metadata.name}`).toContain(end);
  }
  const appEnd = await lastAppEnd(seen, names);
  const podEnd = Math.max(...Object.values(ends).flatMap((each) => each.map(endOf)));
  // A status has whole seconds.
  expectWithin("the pod's end", bound + 0.999, (podEnd - Math.max(appEnd, drainEnd(pod))) / 1000);
}

/** A proxy that is told by TERM, since its pod is deleted, drains for 5 s: Istio's terminationDrainDuration. */
function drainEnd({ metadata }: KubeObject): number {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return deletionTimestamp ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 + 5000 : 0;
}

const endOf = ({ finishedAt }: { finishedAt: string }): number => Date.parse(finishedAt);

/** By the app's own log where it still can be read, since its container ends only after the quit. */
async function lastAppEnd({ pod, ends, deleted }: SeenPod, names: string[]): Promise<number> {
  const times = names.map(async (name) => {
    const log = deleted ? '' : await logOf(pod, name, true).catch(() => '');
    const said = /^(\S+Z) exit \d+$/m.exec(log)?.[1];
    return said ? Date.parse(said) : Math.max(0, ...(ends[name] ?? []).map(endOf));
  });
  return Math.max(...(await Promise.all(times)));
}
