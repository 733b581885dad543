import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { findUnread } from '../../../src/server/connections/unread-answers.ts';
import { maxUnreadAnswerBytes } from '../../../src/server/limits.ts';

const MiB = 1024 * 1024;
type Given = { sent: number; queued: number; held?: number };

/** One connection for each, on the ports from 1 on. */
const createAll = (given: Given[]) =>
  given.map(({ sent, held = 0 }, i) => ({
    socket: { localPort: 443, remoteAddress: '127.0.0.1', remotePort: i + 1 } as Socket,
    above: { bytesWritten: sent * MiB, writableLength: held * MiB } as Socket,
    readBytes: 0,
    number: i + 1,
  }));

const queuesOf = (given: Given[]) => new Map(given.map(({ queued }, i) => [`01BB 0100007F:000${i + 1}`, queued * MiB]));

const reset = (given: Given[]) => findUnread(createAll(given), () => queuesOf(given)).map(({ number }) => number);

describe.runIf(process.platform === 'linux')('when clients leave answers unread', () => {
  it.each<[string, Given[], number[]]>([
    [
      'none while all together leave little',
      [
        { sent: 8, queued: 8 },
        { sent: 8, queued: 8 },
      ],
      [],
    ],
    ['none whose client has read everything', [{ sent: 900, queued: 0 }], []],
    [
      'the one with the most unread bytes',
      [
        { sent: 9, queued: 2 },
        { sent: 12, queued: 12 },
        { sent: 9, queued: 3 },
      ],
      [2],
    ],
    [
      'as many as necessary',
      [
        { sent: 9, queued: 9 },
        { sent: 10, queued: 10 },
        { sent: 12, queued: 12 },
        { sent: 1, queued: 1 },
      ],
      [3, 2],
    ],
    ['counting what Node.js still holds', [{ sent: 20, queued: 4, held: 13 }], [1]],
  ])('these connections are reset: %s', (_, given, expected) => {
    expect(maxUnreadAnswerBytes).toBe(16 * MiB);
    expect(reset(given)).toEqual(expected);
  });

  it('the queues are read only after enough bytes were sent since the last time', () => {
    const read = vi.fn(() => new Map<string, number>());
    const [one] = createAll([{ sent: maxUnreadAnswerBytes / MiB, queued: 0 }]);
    if (!one) throw new Error('expected one');
    findUnread([one], read);
    expect(read).not.toHaveBeenCalled();
    one.above = { bytesWritten: maxUnreadAnswerBytes + 1, writableLength: 0 } as Socket;
    findUnread([one], read);
    findUnread([one], read);
    expect(read).toHaveBeenCalledTimes(1);
  });
});
