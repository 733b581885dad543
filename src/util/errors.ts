/** Reads what was thrown, which may be any value. */

/** @returns the code of an error of Node.js, such as `ENOENT` */
export const readErrorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

export const readErrorMessage = (error: unknown): string => (error instanceof Error ? error.message : `${error}`);
