/** How much of many bodies is in memory at a time; hostile.test.ts has what servers send. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readBody } from '../../../src/oci/http/body.ts';
import { createLimiter } from '../../../src/util/limiter.ts';

const chunk = Buffer.alloc(32 * 1024);
const address = 'https://r/';

/** Its chunks come as they are asked for; the last when it is released. */
function startBody(chunks: number, released: Promise<void>) {
  const seen = { chunks: 0 };
  async function* produce() {
    for (; seen.chunks < chunks; seen.chunks++) yield chunk;
    await released;
  }
  const body = Readable.from(produce(), { highWaterMark: 1 });
  return { seen, response: { statusCode: 200, headers: {}, body } as unknown as Parameters<typeof readBody>[0] };
}

it('of many large bodies, a few are read at a time; of small ones, all', async () => {
  const enter = createLimiter({ places: 2, share: 2 });
  const { signal } = new AbortController();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const large = Array.from({ length: 6 }, () => startBody(20, released));
  const small = Array.from({ length: 6 }, () => startBody(2, Promise.resolve()));
  const read = ({ response }: (typeof large)[number]) =>
    readBody(response, address, 1e6, () => enter({ party: 'a', signal }));
  const reading = large.map(read);
  const read20 = () => large.filter(({ seen }) => seen.chunks === 20).length;
  await expect.poll(read20).toBe(2);
  await sleep(50);
  expect(read20()).toBe(2);
  // 64 KiB are free, one more chunk says that there is more, and a stream has one or two in store.
  expect(large.filter(({ seen }) => seen.chunks <= 5)).toHaveLength(4);
  for (const answer of await Promise.all(small.map(read))) expect(answer).toMatchObject({ ok: true });
  release();
  for (const answer of await Promise.all(reading))
    expect(answer).toMatchObject({ ok: true, value: { length: 20 * chunk.length } });
});
