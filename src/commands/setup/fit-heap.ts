/**
 * Under a memory limit, V8's heap leaves room for the rest of the process: connections, bodies, programs. V8's own default
 * does not: below 192 MiB its heap may have 259. What is over then is ended by the kernel, without a word.
 *
 * Done at the start, so that it holds in a container, under systemd and in a shell alike. Flags in the Dockerfile would hold
 * in the image alone, `NODE_OPTIONS` until somebody needs that for something else, and V8 takes no such flag later on.
 */
import { getHeapStatistics } from 'node:v8';

const MiB = 1024 * 1024;

/** @returns flags of Node.js to start again with; none where the heap fits, or somebody has chosen its size */
export function heapFlags(limit: { memory: number; heap: number }, options: readonly string[]): string[] {
  if (limit.heap <= limit.memory * share || options.some((option) => sizeFlags.test(option))) return [];
  const memory = limit.memory / MiB;
  return [
    `--max-old-space-size=${Math.floor(memory * share)}`,
    // There are up to three; 16 MiB are V8's default.
    `--max-semi-space-size=${memory < 384 ? 4 : memory < 768 ? 8 : 16}`,
  ];
}

/** Starts this program again, as the same process, where its heap is too large. */
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
