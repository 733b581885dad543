/** How far a long command is, on one line of a terminal that it takes away at the end. */

const [firstAfter, interval] = [1000, 100];

type Terminal = { write: (text: string) => void; now: () => number };

/** Shows a text if the command takes long, and then not too often. */
export function createProgressLine({ write, now }: Terminal) {
  let isShown = false;
  let due = now() + firstAfter;
  const show = (describe: () => string) => {
    if (now() < due) return;
    due = now() + interval;
    isShown = true;
    write(`\r${describe()}`);
  };
  const end = () => {
    if (isShown) write('\r\u001b[K');
  };
  return { show, end };
}

/** @param total number of steps */
export function createProgress(total: number, terminal: Terminal) {
  let done = 0;
  const line = createProgressLine(terminal);
  const step = () => {
    done++;
    line.show(() => `${formatNumber(done)} of ${formatNumber(total)} files`);
  };
  return { step, end: line.end };
}

export const formatNumber = (count: number): string => count.toLocaleString('en-US');
