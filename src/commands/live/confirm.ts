/** Asks the user a question on the terminal. */
import type { Io } from '../command.ts';

/** @returns whether the answer is yes; no answer means no */
export async function confirm(question: string, { stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Promise<boolean> {
  stderr(`${question} [y/N] `);
  let answer = '';
  // This ends by closing standard input, which would keep the process alive.
  for await (const chunk of stdin) {
    answer += chunk;
    if (answer.includes('\n') || answer.length > longest) break;
  }
  return /^\s*y(es)?\s*$/i.test(answer);
}

// --- internal ---

const longest = 100;
