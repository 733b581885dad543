import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { leftUnread } from '../../../src/server/connections/unread-answers.ts';
import { mostUnread, worthALook } from '../../../src/server/limits.ts';

const MiB = 1024 * 1024;
type Given = { sent: number; queued: number; held?: number };

/** One for each, on the ports from 1 on. */
const makeAll = (given: Given[]) =>
  given.map(({ sent, held = 0 }, i) => ({
    socket: { localPort: 443, remoteAddress: '127.0.0.1', remotePort: i + 1 } as Socket,
    above: { bytesWritten: sent * MiB, writableLength: held * MiB } as Socket,
    taken: 0,
    number: i + 1,
  }));

const queuesOf = (given: Given[]) => new Map(given.map(({ queued }, i) => [`01BB 0100007F:000${i + 1}`, queued * MiB]));

const reset = (given: Given[]) => leftUnread(makeAll(given), () => queuesOf(given)).map(({ number }) => number);

describe.runIf(process.platform === 'linux')('of connections that leave answers unread', () => {
  it.each<[string, Given[], number[]]>([
    [
      'nobody, while all together leave little',
      [
        { sent: 8, queued: 8 },
        { sent: 8, queued: 8 },
      ],
      [],
    ],
    ['nobody who has taken all', [{ sent: 900, queued: 0 }], []],
    [
      'who has left most',
      [
        { sent: 9, queued: 2 },
        { sent: 12, queued: 12 },
        { sent: 9, queued: 3 },
      ],
      [2],
    ],
    [
      'as many as it takes',
      [
        { sent: 9, queued: 9 },
        { sent: 10, queued: 10 },
        { sent: 12, queued: 12 },
        { sent: 1, queued: 1 },
      ],
      [3, 2],
    ],
    ['also what Node.js still holds', [{ sent: 20, queued: 4, held: 13 }], [1]],
  ])('is reset: %s', (_, given, expected) => {
    expect(mostUnread).toBe(16 * MiB);
    expect(reset(given)).toEqual(expected);
  });

  it('nobody is looked at before much was sent, since the last look, too', () => {
    const read = vi.fn(() => new Map<string, number>());
    const [one] = makeAll([{ sent: worthALook / MiB, queued: 0 }]);
    if (!one) throw new Error('expected one');
    leftUnread([one], read);
    expect(read).not.toHaveBeenCalled();
    one.above = { bytesWritten: worthALook + 1, writableLength: 0 } as Socket;
    leftUnread([one], read);
    leftUnread([one], read);
    expect(read).toHaveBeenCalledTimes(1);
  });
});
