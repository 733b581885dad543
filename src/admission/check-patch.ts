/**
 * Checks a patch before it is sent. With a patch that does not apply, or whose pod the API server refuses, the request fails,
 * whatever the failurePolicy is.
 * @see https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/webhook/mutating/dispatcher.go
 */

import type { NativePlan } from '../inject/native/plan.ts';
import { equal } from '../inject/patch/operations.ts';
import type { Plan, WrapPlan } from '../inject/plan.ts';
import { initContainerName, volumeNames } from '../pod/names.ts';
import { mountsOwnVolume, ownMounts, type Role, sameMount } from '../pod/own-mounts.ts';
import { isGuardHook, isWrapped } from '../pod/own-parts.ts';
import type { Container, Pod, PodSpec } from '../pod/schema.ts';

/**
 * The API server checks the rest.
 * @param before the pod as it was sent
 * @throws if the pod is not as planned: that is a bug of Clockout, and the patch must not reach the API server
 */
export function checkPatched(before: Pod, after: Pod, plan: Plan): void {
  for (const { container } of plan.repairs)
    expect(isNative(after, container.name), () => `no native sidecar ${container.name}`);
  if (plan.strategy === 'wrap') checkWrapped(after, plan);
  if (plan.strategy === 'native') checkNative(before, after, plan);
}

// --- internal ---

/** Each sidecar is there once, as a native one; every other container is as it was, in its place. */
function checkNative(before: Pod, after: Pod, { names, sidecars }: NativePlan): void {
  for (const name of names) expectNative(after, name);
  const moved = new Set(sidecars.map(({ name }) => name));
  const apps = before.spec.containers.filter(({ name }) => !moved.has(name));
  expect(apps.length > 0 && equal(apps, after.spec.containers), () => 'app containers that are not as they were');
  const others = ({ spec }: Pod) =>
    (spec.initContainers ?? []).map(({ name }) => name).filter((name) => !moved.has(name));
  expect(equal(others(before), others(after)), () => 'init containers that are not as they were');
}

function expectNative(pod: Pod, name: string): void {
  const isClassic = pod.spec.containers.some((container) => container.name === name);
  expect(isNative(pod, name) && !isClassic, () => `no native sidecar ${name}`);
}

function isNative({ spec }: Pod, name: string): boolean {
  const found = (spec.initContainers ?? []).filter((container) => container.name === name);
  return found.length === 1 && found[0]?.restartPolicy === 'Always';
}

/** The pod has everything that was planned, once each, and no other container mounts a volume of Clockout. */
function checkWrapped({ spec }: Pod, plan: WrapPlan): void {
  const init = (spec.initContainers ?? []).filter(({ name }) => name === initContainerName);
  expect(init.length === 1, () => `${init.length} init containers ${initContainerName}`);
  for (const name of volumeNames) {
    const count = (spec.volumes ?? []).filter((volume) => volume.name === name).length;
    expect(count === 1, () => `${count} volumes ${name}`);
  }
  for (const { name, index } of plan.containers) {
    const container = spec.containers[index];
    expect(
      container?.name === name && isWrapped(container),
      () => `container ${name} is not wrapped, or has nothing to run`,
    );
  }
  const guarded = plan.sidecars.filter(({ guard }) => guard.runs);
  for (const { name, index } of guarded) {
    const command = spec.containers[index]?.lifecycle?.postStart?.exec?.command;
    expect(isGuardHook(command), () => `${name} does not start the guard`);
  }
  checkAllMounts(spec, new Set(plan.containers.map(({ index }) => index)), new Set(guarded.map(({ index }) => index)));
}

function checkAllMounts(spec: PodSpec, wrappers: ReadonlySet<number>, guards: ReadonlySet<number>): void {
  for (const [index, container] of spec.containers.entries())
    checkMounts(container, wrappers.has(index) ? 'wrapper' : guards.has(index) ? 'guard' : undefined);
  for (const container of spec.initContainers ?? [])
    if (container.name !== initContainerName) checkMounts(container, undefined);
}

/** Every field of a mount counts: other containers trust whatever a container could write besides its own steps. */
function checkMounts({ name, volumeMounts }: Container, role: Role | undefined): void {
  const found = (volumeMounts ?? []).filter(mountsOwnVolume);
  const wanted = role ? ownMounts(name, role) : [];
  const missing = wanted.find((mount) => !found.some((each) => sameMount(each, mount)));
  expect(missing === undefined, () => `no mount at ${missing?.mountPath} in container ${name}, as Clockout adds it`);
  // The wanted mounts all differ, so with as many found, each is there once.
  expect(found.length === wanted.length, () => `${found.length} mounts of Clockout volumes in container ${name}`);
}

function expect(holds: boolean | undefined, found: () => string): void {
  if (!holds) throw new Error(`the patch failed its own check: found ${found()}`);
}
