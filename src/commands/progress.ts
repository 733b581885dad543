/** How far a long command is, on one line of a terminal that it takes away at the end. */

const [firstAfter, interval] = [1000, 100];

/** @param total number of steps */
export function createProgress(total: number, { write, now }: { write: (text: string) => void; now: () => number }) {
  let done = 0;
  let isShown = false;
  let due = now() + firstAfter;
  const format = (count: number) => count.toLocaleString('en-US');
  const step = () => {
    done++;
    if (now() < due) return;
    due = now() + interval;
    isShown = true;
    write(`\r${format(done)} of ${format(total)} files`);
  };
  const end = () => {
    if (isShown) write('\r\u001b[K');
  };
  return { step, end };
}
