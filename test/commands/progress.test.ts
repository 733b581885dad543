import { expect, it } from 'vitest';
import { createProgress } from '../../src/commands/progress.ts';

function run(total: number, millisecondsEach: number): string[] {
  const written: string[] = [];
  let time = 0;
  const progress = createProgress(total, 'files', { write: (text) => void written.push(text), now: () => time });
  for (let i = 0; i < total; i++) {
    time += millisecondsEach;
    progress.step();
  }
  progress.end();
  return written;
}

it('shows nothing of what takes less than a second', () => {
  expect(run(1000, 0.9)).toEqual([]);
});

it('counts ten times a second after the first second, on a line that it takes away', () => {
  const written = run(2000, 1);
  expect(written[0]).toBe('\r1,000 of 2,000 files');
  expect(written).toHaveLength(12);
  expect(written.at(-1)).toBe('\r\u001b[K');
});
