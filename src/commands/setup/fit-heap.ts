/**
 * Limits V8's heap to half of the memory limit, so that connections and bodies have room, too. V8's default does not fit: with a
 * limit of 192 MiB its heap may grow to 259 MiB, and the kernel kills the process. Under a small limit it also does without one of
 * V8's compilers.
 *
 * The program does this when it starts, so that it works in a container, under systemd and in a shell. Flags in the Dockerfile
 * would work only in the image, `NODE_OPTIONS` only until you need it for something else, and V8 has no such flag at run time.
 */
import { getHeapStatistics } from 'node:v8';

const MiB = 1024 * 1024;

/** @returns flags of Node.js to restart with; none if the heap fits, or if its size was set */
export function heapFlags(limit: { memory: number; heap: number }, options: readonly string[]): string[] {
  if (limit.heap <= limit.memory * share || options.some((option) => sizeFlags.test(option))) return [];
  const memory = limit.memory / MiB;
  const isSmall = memory < 384;
  return [
    `--max-old-space-size=${Math.floor(memory * share)}`,
    // V8 has up to three of them, of 16 MiB each by default.
    `--max-semi-space-size=${isSmall ? 4 : memory < 768 ? 8 : 16}`,
    // The threads of V8's middle compiler keep the memory that they needed once: 30 MiB. https://v8.dev/blog/maglev
    ...(isSmall ? ['--no-maglev'] : []),
  ];
}

/** Restarts this program, as the same process, if its heap is too large. */
export function fitHeap(): void {
  const memory = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER);
  const chosen = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(' ')];
  const flags = heapFlags({ memory, heap: getHeapStatistics().heap_size_limit }, chosen);
  if (flags.length === 0) return;
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)]);
}

// --- internal ---

/** Measured under the attacks of test/e2e/attack. */
const share = 0.5;

const sizeFlags = /^--max[-_](old[-_]space[-_]size|heap[-_]size)/;
