/** What the API server says of a request that failed, as values and as a sentence. */
import { ApiException } from '@kubernetes/client-node';

/** HTTP status of its answer; undefined where there was none. Watches have errors of their own. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}

/**
 * @param what was tried, such as `read the Secret mesh/clockout-ca`
 * @param remedy of a refusal for want of a right
 */
export function explainError(
  what: string,
  error: unknown,
  remedy = 'the role of the service account must allow it',
): string {
  const status = statusOf(error);
  if (status === undefined) return `the API server cannot be reached to ${what} (${reasonOf(error)})`;
  const hint = status === 403 ? `; ${remedy}` : '';
  return `the API server did not let Clockout ${what}: ${status}${messageOf(error)}${hint}`;
}

/**
 * @returns undefined where the API server answered with one of the statuses that are expected
 * @throws an Error whose message is a sentence, as of explainError
 */
export async function askApi<T>(
  { what, expected, remedy }: { what: string; expected: readonly number[]; remedy?: string },
  request: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (expected.includes(statusOf(error) ?? 0)) return undefined;
    throw new Error(explainError(what, error, remedy), { cause: error });
  }
}

/** The cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  // Its message would quote the answer, which may be a Secret.
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: string };
  // That of a DOMException, as of a timeout, is a number that says nothing.
  return typeof code === 'string' ? code : (message ?? `${cause}`);
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
