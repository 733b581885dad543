/** What the status of a pod says about its containers. Pure. */
import { readTime } from '../live-status/times.ts';
import { findValue } from '../util/find-value.ts';
import { isObject } from '../util/json-object.ts';

/** How a container has ended. */
export type Exit = {
  name: string;
  exitCode: number;
  /** In milliseconds since 1970. */
  finishedAt: number | undefined;
};

/** @returns the containers that have ended */
export const listExits = (pod: unknown): Exit[] =>
  listStatuses(pod).flatMap(({ name, status }) => {
    const exitCode = findValue(status, 'state', 'terminated', 'exitCode');
    const finishedAt = readTime(findValue(status, 'state', 'terminated', 'finishedAt'));
    return typeof exitCode === 'number' ? [{ name, exitCode, finishedAt }] : [];
  });

/** @returns the names of the containers that run */
export const listRunning = (pod: unknown): string[] =>
  listStatuses(pod).flatMap(({ name, status }) => (isObject(findValue(status, 'state', 'running')) ? [name] : []));

// --- internal ---

function listStatuses(pod: unknown): { name: string; status: unknown }[] {
  const statuses = findValue(pod, 'status', 'containerStatuses');
  return (Array.isArray(statuses) ? statuses : []).flatMap((status) => {
    const name = findValue(status, 'name');
    return typeof name === 'string' ? [{ name, status }] : [];
  });
}
