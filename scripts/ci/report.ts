/** What a part's tests came to. */

export type Failure = {
  /** As vitest shows it, `describe > test`; or what failed besides the tests. */
  name: string;
  why: string;
  /** Nothing was compared: the test ran out of time. Only such a one may be tried again. */
  isTimeout: boolean;
};

export type Report = { passed: number; skipped: number; failures: Failure[] };

/** As far as it is read of what was thrown. */
export type Thrown = { name?: string | undefined; message: string; stack?: string | undefined };

/**
 * TimedOut is thrown by what waits (test/e2e/cluster/progress.ts), and vitest ends a test that never comes back. All else counts
 * as a verdict, so that a wrong exit code or result is never tried away.
 */
const isTimeout = ({ name, message }: Pick<Thrown, 'name' | 'message'>): boolean =>
  name === 'TimedOut' || /^Test timed out in \d+ms/.test(message);

export function failureOf(name: string, errors: readonly Thrown[]): Failure {
  return {
    name,
    why: errors.map(({ stack, message }) => stack ?? message).join('\n'),
    isTimeout: errors.length > 0 && errors.every(isTimeout),
  };
}
