import { describe, expect, it } from 'vitest';
import { createRoom } from '../../../src/server/body/room.ts';

const wish = (bytes: number, { isLarge = false, address = 'a', isKnown = false } = {}) => ({
  bytes,
  isLarge,
  caller: { address, isKnown },
});

/** Takes them in turn. @returns in which order they got in, and what gives back */
function entering(room: ReturnType<typeof createRoom>) {
  const order: string[] = [];
  const enter = async (name: string, what: ReturnType<typeof wish>, signal = new AbortController().signal) => {
    const giveBack = room.take(what) ?? (await room.wait(what, signal));
    order.push(name);
    return giveBack;
  };
  return { order, enter };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a room', () => {
  it('has a sum, and gives what came back to those that wait', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    const first = await enter('first', wish(6));
    void enter('second', wish(6));
    await turn();
    expect([order, room.isShort()]).toEqual([['first'], true]);
    first();
    first();
    await turn();
    expect([order, room.isShort()]).toEqual([['first', 'second'], false]);
  });

  it('keeps a part for ordinary ones', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    await enter('large', wish(5, { isLarge: true }));
    void enter('second large', wish(2, { isLarge: true }));
    void enter('ordinary', wish(5));
    await turn();
    expect(order).toEqual(['large', 'ordinary']);
  });

  it('takes what is larger than all of it, alone', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    const giveBack = await enter('huge', wish(99, { isLarge: true }));
    void enter('large', wish(1, { isLarge: true }));
    await turn();
    expect(order).toEqual(['huge']);
    giveBack();
    await turn();
    expect(order).toEqual(['huge', 'large']);
  });

  it.each([
    ['the address that has less', { address: 'a', bytes: 3 }, { address: 'b', bytes: 2, isKnown: true }],
    ['who needs less', { address: 'a', bytes: 2 }, { address: 'a', bytes: 3, isKnown: true }],
    ['who is known', { address: 'a', bytes: 3, isKnown: true }, { address: 'a', bytes: 3 }],
  ])('lets in first, and refuses last, %s', async (_, first, second) => {
    for (const [waiting, entered, refused] of [
      [2, ['a', 'b', 'first', 'second'], []],
      [1, ['a', 'b', 'first'], ['second']],
    ] as const) {
      const room = createRoom({ total: 10, large: 6, waiting }, () => new Error('too many'));
      const { order, enter } = entering(room);
      const given = [await enter('a', wish(4, { address: 'a' })), await enter('b', wish(6, { address: 'b' }))];
      const lost: string[] = [];
      for (const [name, of] of Object.entries({ second, first }))
        enter(name, wish(of.bytes, of)).catch(() => lost.push(name));
      await turn();
      for (const giveBack of given) giveBack();
      await turn();
      expect([order, lost]).toEqual([entered, refused]);
    }
  });

  it('lets no later one overtake because it fits', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    await enter('a', wish(4, { address: 'a' }));
    const giveBack = await enter('b', wish(6, { address: 'b' }));
    void enter('more of b', wish(1, { address: 'b' }));
    void enter('c', wish(7, { address: 'c' }));
    giveBack();
    await turn();
    expect(order).toEqual(['a', 'b', 'more of b']);
  });

  const small = wish(2, { address: 'small' });
  const big = wish(4, { address: 'big', isLarge: true });
  const sameAsBig = wish(2, { address: 'big', isLarge: true });
  it.each([
    { waits: 'nobody', yields: undefined, slow: [small, big, sameAsBig] },
    { waits: wish(5, { address: 'c' }), yields: big, slow: [small, big, sameAsBig] },
    { waits: wish(5, { address: 'c' }), yields: sameAsBig, slow: [small, sameAsBig] },
    { waits: wish(5, { address: 'c' }), yields: undefined, slow: [] },
    { waits: wish(5, { address: 'c' }), yields: undefined, slow: [small] },
    { waits: wish(1, { address: 'small', isLarge: true }), yields: undefined, slow: [small] },
    { waits: wish(1, { address: 'small', isLarge: true }), yields: big, slow: [small, big] },
    { waits: wish(5, { address: 'small' }), yields: small, slow: [small] },
  ])('of those that are slow, has the last one yield: %o', async ({ waits, yields, slow }) => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    for (const one of [small, big, sameAsBig]) room.take(one);
    if (typeof waits !== 'string') void room.wait(waits, new AbortController().signal);
    expect(room.chooseToYield(slow)).toBe(yields);
  });

  it('forgets a caller that leaves while it waits', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 3 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    const giveBack = await enter('first', wish(10));
    const controller = new AbortController();
    const gone = enter('gone', wish(10), controller.signal);
    void enter('second', wish(10));
    controller.abort(new Error('has gone'));
    await expect(gone).rejects.toThrow('has gone');
    giveBack();
    await turn();
    expect(order).toEqual(['first', 'second']);
  });

  it('refuses a caller for which there is no place to wait', async () => {
    const room = createRoom({ total: 10, large: 6, waiting: 1 }, () => new Error('too many'));
    const { order, enter } = entering(room);
    await enter('first', wish(10));
    void enter('waits', wish(10));
    await expect(enter('third', wish(10))).rejects.toThrow('too many');
    expect(order).toEqual(['first']);
  });
});
