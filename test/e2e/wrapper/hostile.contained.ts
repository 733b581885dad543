/** Containers that mean harm, and full disks, under each build of busybox: as in the conformance suite. */
import { describe, it } from 'vitest';
import { fullDisk } from '../conformance/contained/full-disk.ts';
import { hostile } from '../conformance/contained/hostile.ts';

describe.each([
  { title: 'containers that mean harm', cases: hostile },
  { title: 'a full disk', cases: fullDisk },
])('$title', ({ cases }) => {
  it.concurrent.each(cases)('$name', async ({ run }) => {
    await run({});
  });
});
