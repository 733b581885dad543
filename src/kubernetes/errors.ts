/** What the API server says of a request that failed, as values and as a sentence. */
import { ApiException } from '@kubernetes/client-node';

/** HTTP status of its answer; undefined where there was none. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiException ? error.code : undefined;

/** @param what was tried, such as `read the Secret mesh/clockout-ca` */
export function explainError(what: string, error: unknown): string {
  const status = statusOf(error);
  if (status === undefined) return `the API server cannot be reached to ${what} (${reasonOf(error)})`;
  const hint = status === 403 ? '; the role of the service account must allow it' : '';
  return `the API server did not let us ${what}: ${status}${messageOf(error)}${hint}`;
}

/** The cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const { code, message } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? message ?? `${cause}`;
}

function messageOf(error: unknown): string {
  const body = error instanceof ApiException ? error.body : undefined;
  try {
    const { message } = typeof body === 'string' ? JSON.parse(body) : body;
    return message ? ` ${message}` : '';
  } catch {
    return '';
  }
}
