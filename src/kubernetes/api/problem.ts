/** Why a request to the API server did not get what it asked for. Pure. */
import { shortened } from '../../util/text.ts';

/**
 * - `forbidden`: the caller lacks a right (403)
 * - `unauthorized`: the API server does not know the caller (401)
 * - `missing`: there is no such object, or no such resource (404)
 * - `unreachable`: there was no answer, it broke off, or it is not that of an API server
 * - `refused`: any other answer that is no success
 */
export type ApiProblem = {
  kind: 'forbidden' | 'unauthorized' | 'missing' | 'unreachable' | 'refused';
  /** Of the answer, if there was one. */
  status?: number;
  /** A sentence: what was asked, and what was answered. */
  message: string;
};

/** Whether any other request would get the same answer. */
export const isFatal = ({ kind }: ApiProblem): boolean => kind === 'unreachable' || kind === 'unauthorized';

/** The parts of a Kubernetes Status that are read. */
export type Refusal = { status: number; body: unknown };

/** @param asked such as `list pods in the namespace shop` */
export function describeRefusal(asked: string, { status, body }: Refusal): ApiProblem {
  switch (status) {
    case 403:
      return { kind: 'forbidden', status, message: `you may not ${asked}${say(body)}` };
    case 401:
      return {
        kind: 'unauthorized',
        status,
        message: `the API server does not know you, so you may not ${asked}; log in again`,
      };
    case 404:
      return { kind: 'missing', status, message: `the API server did not find what it needs to ${asked}${say(body)}` };
    default:
      return { kind: 'refused', status, message: `the API server did not ${asked}: status ${status}${say(body)}` };
  }
}

// --- internal ---

/** Another program may answer in place of the API server. */
function say(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' && message !== '' ? ` (${shortened(message, 300)})` : '';
}
