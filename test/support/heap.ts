/** How much of V8's heap is in use, for tests of bounds on memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/**
 * What weak references point to stays until the end of the turn, and what a finalizer frees until the next collection.
 * @returns bytes, without garbage
 * @see https://tc39.es/ecma262/#sec-weakref-execution
 */
export async function measureHeap(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await sleep(0);
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}
