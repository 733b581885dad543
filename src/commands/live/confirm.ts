/** Asks the user a question on the terminal. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Io } from '../command.ts';

/** @returns whether the answer begins with a y; no answer means no */
export async function confirm(question: string, { stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Promise<boolean> {
  stderr(`${question} [y/N] `);
  const lines = createInterface({ input: Readable.from(stdin) });
  for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
  return false;
}
