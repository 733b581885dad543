/** How a pod, and the Job that it belongs to, have ended. Pure. */
import { findValue } from '../util/find-value.ts';
import { listed, shortened } from '../util/text.ts';
import { listExits } from './statuses.ts';

/**
 * @param object the pod as it is now; undefined if it is not there any more
 * @param uid of the pod that is meant
 * @returns such as `pod Failed: app exited with code 5`; undefined if it has not ended
 */
export function describeResult(object: unknown, uid: string): string | undefined {
  if (object === undefined || findValue(object, 'metadata', 'uid') !== uid) return 'the pod was removed';
  const phase = findValue(object, 'status', 'phase');
  if (phase === 'Succeeded') return 'pod Succeeded';
  if (phase !== 'Failed') return undefined;
  const failed = listExits(object).filter(({ exitCode }) => exitCode !== 0);
  const codes = failed.map(({ name, exitCode }) => `${shortened(name, 63)} exited with code ${exitCode}`);
  return `pod Failed${codes.length > 0 ? `: ${listed(codes, 3).join(', ')}` : ''}`;
}

/** @returns such as `Job Failed: BackoffLimitExceeded`; undefined for one that has not ended */
export function describeJobEnd(object: unknown): string | undefined {
  const conditions = findValue(object, 'status', 'conditions');
  const end = (Array.isArray(conditions) ? conditions : []).find(
    (each) => findValue(each, 'status') === 'True' && ends.includes(findValue(each, 'type')),
  );
  const [type, reason] = [findValue(end, 'type'), findValue(end, 'reason')];
  if (type === undefined) return undefined;
  return type === 'Failed' && typeof reason === 'string' ? `Job Failed: ${shortened(reason, 100)}` : `Job ${type}`;
}

// --- internal ---

const ends: readonly unknown[] = ['Complete', 'Failed'];
