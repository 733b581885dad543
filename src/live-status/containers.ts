/** The status of a pod's containers, and how much of its text is shown. Pure. */
import { findValue } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';
import { listed, shortened } from '../util/text.ts';

export type ContainerStatus = {
  name: string;
  state: 'running' | 'terminated' | 'waiting' | 'unknown';
  /** Of that state. */
  details: unknown;
};

/** @param list `containerStatuses` or `initContainerStatuses` */
export function readContainers(pod: unknown, list: string): ContainerStatus[] {
  const statuses = findValue(pod, 'status', list);
  if (!Array.isArray(statuses)) return [];
  return statuses.flatMap((status) => {
    const name = findValue(status, 'name');
    if (typeof name !== 'string') return [];
    const state = states.find((each) => isObject(findValue(status, 'state', each))) ?? 'unknown';
    return [{ name, state, details: findValue(status, 'state', state) }];
  });
}

export const shownName = (name: string) => shortened(name, 63);

export const listNames = (containers: readonly ContainerStatus[]) =>
  listed(
    containers.map(({ name }) => shownName(name)),
    10,
  );

/** A text of others, such as a reason; undefined if there is none. */
export function readText(from: unknown, key: string): string | undefined {
  const text = findValue(from, key);
  return typeof text === 'string' && text !== '' ? shortened(text, 200) : undefined;
}

// --- internal ---

const states = ['running', 'terminated', 'waiting'] as const;
