/**
 * Time as a server on a machine of its own would have it. On a busy machine a process that could run waits for a processor,
 * and the kernel counts for how long: without that, "20 reviews a second" and "within 1 s" mean the same everywhere.
 * @see https://docs.kernel.org/scheduler/sched-stats.html (/proc/<pid>/schedstat)
 */
import { readFileSync } from 'node:fs';

/** @returns milliseconds, which stand still while the main thread of that process waits for a processor */
export const clockOf = (pid: string) => () => performance.now() - waited(pid);

/** In milliseconds; 0 where the kernel does not count it, or the process has gone. */
function waited(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
