/** How far a long command is, on one line of a terminal that it takes away at the end. */
import { formatCount } from '../util/count.ts';

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
    line.show(() => `${formatCount(done)} of ${formatCount(total)} files`);
  };
  return { step, end: line.end };
}
