/** Standard output for the log. A write takes as long as a tenth of a review, so lines that come close together share one. */
import { type DestinationStream, destination } from 'pino';

/** How long a line waits for others, in milliseconds. Only a process that is ended with SIGKILL loses lines. */
const longestWait = 50;

/** How many characters wait for others at most. A pipe holds 64 KiB. */
const mostWaiting = 32 * 1024;

/** How many bytes are kept while nothing can be written. What comes on top is lost. */
const mostKept = 1024 * 1024;

/** Written to synchronously, and before each exit: the last words must not be lost. */
export function openStandardOutput(): DestinationStream & { flushSync: () => void } {
  const output = destination({ dest: 1, sync: true, maxLength: mostKept });
  // On a full disk, for example. The lines are kept, and written with the next ones.
  let isFailing = false;
  output.on('error', () => {
    isFailing = true;
  });
  let lines: string[] = [];
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    // Without room for more, pino's stream would not even try to write what it has kept.
    if (isFailing) {
      isFailing = false;
      output.write('');
    }
    // Joined here: pino's stream would copy what waits for each line that it appends.
    if (lines.length > 0) output.write(lines.join(''));
    lines = [];
    waiting = 0;
  };
  process.once('exit', flush);
  return {
    flushSync: flush,
    write: (line) => {
      waiting += line.length;
      lines.push(line);
      if (waiting >= mostWaiting) flush();
      else timer ??= setTimeout(flush, longestWait);
    },
  };
}
