/** How far a long command is, on one line of a terminal that it takes away at the end. */
import { formatCount } from '../util/count.ts';
import type { Io } from './command.ts';

const [firstAfter, interval] = [1000, 100];

type Terminal = { write: (text: string) => void; now: () => number };

/** Standard error, if it is a terminal. */
export const terminalOf = ({ isTerminal, stderr }: Pick<Io, 'isTerminal' | 'stderr'>): Terminal => ({
  write: isTerminal ? stderr : () => {},
  now: () => performance.now(),
});

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

/**
 * @param total number of steps
 * @param what they are, in the plural
 */
export function createProgress(total: number, what: string, terminal: Terminal) {
  let done = 0;
  const line = createProgressLine(terminal);
  const step = () => {
    done++;
    line.show(() => `${formatCount(done)} of ${formatCount(total)} ${what}`);
  };
  return { step, end: line.end };
}
