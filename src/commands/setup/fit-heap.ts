/**
 * Limits V8's heap to half of the memory limit, so that connections and bodies have room, too. V8's default does not fit: with a
 * limit of 192 MiB its heap may grow to 259 MiB, and the kernel kills the process. Under a small limit it also does without one of
 * V8's compilers. With a large limit or none, only the space for new objects is limited: V8 lets it grow to 128 MiB, which saves
 * no time here.
 *
 * The program does this when it starts, so that it works in a container, under systemd and in a shell. Flags in the Dockerfile
 * would work only in the image, `NODE_OPTIONS` only until you need it for something else, and V8 has no such flag at run time.
 */
import { getHeapStatistics } from 'node:v8';

const MiB = 1024 * 1024;

/** @returns flags of Node.js to restart with; none if a size of the heap was set */
export function heapFlags(limit: { memory: number; heap: number }, options: readonly string[]): string[] {
  if (options.some((option) => sizeFlags.test(option))) return [];
  const memory = limit.memory / MiB;
  const isSmall = memory < 384;
  return [
    ...(limit.heap > limit.memory * share ? [`--max-old-space-size=${Math.floor(memory * share)}`] : []),
    // V8 has up to three of them.
    `--max-semi-space-size=${isSmall ? 4 : memory < 768 ? 8 : 16}`,
    // The threads of V8's middle compiler keep the memory that they needed once: 30 MiB. https://v8.dev/blog/maglev
    ...(isSmall ? ['--no-maglev'] : []),
  ];
}

/** Restarts this program, as the same process, with these flags. */
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

const sizeFlags = /^--max[-_]((old|semi)[-_]space[-_]size|heap[-_]size)/;
