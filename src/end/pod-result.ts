/** How a pod, and the Job that it belongs to, have ended. Pure. */
import { findValue } from '../manifests/find-pods.ts';
import { shortened } from '../util/text.ts';
import type { PodState } from './pod-state.ts';

/**
 * @param object the pod as it is now; undefined if it is not there any more
 * @returns a sentence; undefined if it has not ended
 */
export function describeResult(object: unknown, { uid, apps }: PodState): string | undefined {
  if (object === undefined || findValue(object, 'metadata', 'uid') !== uid) return 'the pod was removed';
  const phase = findValue(object, 'status', 'phase');
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const failed = apps.filter(({ exitCode }) => exitCode !== 0);
  const codes = failed.map(({ name, exitCode }) => `${shortened(name, 63)} exited with code ${exitCode}`);
  return `the pod ${phase === 'Failed' ? 'failed' : 'succeeded'}${codes.length > 0 ? `: ${codes.join(', ')}` : ''}`;
}

/** @returns `the Job is Failed: BackoffLimitExceeded`; undefined for one that has not ended */
export function describeJobEnd(object: unknown): string | undefined {
  const conditions = findValue(object, 'status', 'conditions');
  const end = (Array.isArray(conditions) ? conditions : []).find(
    (each) => findValue(each, 'status') === 'True' && ends.includes(findValue(each, 'type')),
  );
  const [type, reason] = [findValue(end, 'type'), findValue(end, 'reason')];
  if (type === undefined) return undefined;
  return type === 'Failed' && typeof reason === 'string'
    ? `the Job is Failed: ${shortened(reason, 100)}`
    : `the Job is ${type}`;
}

// --- internal ---

const ends: readonly unknown[] = ['Complete', 'Failed'];
