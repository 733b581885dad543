/** Turns a failed request to the API server into a status and a sentence. */
import { ApiException } from '@kubernetes/client-node';
import { readErrorCode, readErrorMessage } from '../util/errors.ts';

/** @returns the HTTP status of the answer; undefined if there was none. Watches have errors of their own. */
export function readStatus(error: unknown): number | undefined {
  if (error instanceof ApiException) return error.code;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}

/**
 * @param what Clockout tried to do, such as `read the Secret mesh/clockout-ca`
 * @param remedy what to do if the API server refuses because a permission is missing
 */
export function explainError(
  what: string,
  error: unknown,
  remedy = 'the role of the service account must allow it',
): string {
  const status = readStatus(error);
  if (status === undefined) return `the API server cannot be reached to ${what} (${readReason(error)})`;
  const hint = status === 403 ? `; ${remedy}` : '';
  return `the API server did not let Clockout ${what}: ${status}${readAnswer(error)}${hint}`;
}

/**
 * @returns undefined if the API server answered with one of the expected statuses
 * @throws an Error whose message is the sentence of explainError
 */
export async function askApi<T>(
  { what, expected, remedy }: { what: string; expected: readonly number[]; remedy?: string },
  request: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (expected.includes(readStatus(error) ?? 0)) return undefined;
    throw new Error(explainError(what, error, remedy), { cause: error });
  }
}

/** The cause says more than "fetch failed". */
function readReason(error: unknown): string {
  // Its message would quote the answer, which may be a Secret.
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return readErrorCode(cause) ?? readErrorMessage(cause);
}

function readAnswer(error: unknown): string {
  const body = error instanceof ApiException ? error.body : undefined;
  try {
    const { message } = typeof body === 'string' ? JSON.parse(body) : body;
    return message ? ` ${message}` : '';
  } catch {
    return '';
  }
}
