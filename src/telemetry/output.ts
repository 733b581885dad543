/** Standard output for the log. A write takes as long as a tenth of a review, so lines that come close together share one. */
import { type DestinationStream, destination } from 'pino';

/** How long a line waits for others, in milliseconds. Only a process that is ended with SIGKILL loses lines. */
const longestWait = 50;

/** How many bytes wait at most. A pipe holds 64 KiB. */
const mostBytes = 32 * 1024;

/** Written to synchronously, and before each exit: the last words must not be lost. */
export function openStandardOutput(): DestinationStream & { flushSync: () => void } {
  const output = destination({ dest: 1, sync: true, minLength: mostBytes, maxWrite: mostBytes + 1 });
  let timer: NodeJS.Timeout | undefined;
  const flushSync = () => {
    clearTimeout(timer);
    timer = undefined;
    output.flushSync();
  };
  // Without fsync, which takes a millisecond and more where standard output is a file.
  const flush = () => {
    timer = undefined;
    output.flush();
  };
  process.once('exit', flushSync);
  return {
    flushSync,
    write: (line) => {
      output.write(line);
      timer ??= setTimeout(flush, longestWait);
    },
  };
}
