/** A few lookups at a time for each registry, so that one which is slow takes neither all sockets nor all memory. */

/** Gives the place back, once. */
type Leave = () => void;

type Lane = {
  running: number;
  /** In their order. */
  waiting: Set<(leave: Leave) => void>;
  /** When a place was last taken or given back, while all were taken. */
  turnedAt: number;
  /** Milliseconds between two turns, lately. */
  pace: number;
};

/**
 * @param places for each registry
 * @param now in milliseconds
 * @returns what waits for a place for so many milliseconds: undefined where none came free, or none will in time
 */
export function makeLimiter(
  places: number,
  now: () => number,
): (registry: string, milliseconds: number) => Promise<Leave | undefined> {
  const lanes = new Map<string, Lane>();

  const leave = (registry: string, lane: Lane) => {
    const [next] = lane.waiting;
    // Without a queue, the time between two turns says nothing of the next ones.
    lane.pace = next ? lane.pace + (now() - lane.turnedAt - lane.pace) / places : 0;
    lane.turnedAt = now();
    if (next) next(() => leave(registry, lane));
    else if (--lane.running === 0) lanes.delete(registry);
  };

  return async (registry, milliseconds) => {
    const lane = lanes.get(registry) ?? { running: 0, waiting: new Set(), turnedAt: now(), pace: 0 };
    lanes.set(registry, lane);
    if (lane.running < places) {
      lane.running++;
      lane.turnedAt = now();
      return () => leave(registry, lane);
    }
    if (expectedWait(lane, now()) > milliseconds) return undefined;
    return queue(lane, milliseconds);
  };
}

// --- internal ---

/** Of one who comes last: the queue at its pace. Where nobody had a turn for a while, none is expected for as long. */
const expectedWait = ({ waiting, turnedAt, pace }: Lane, now: number) =>
  Math.max((waiting.size + 1) * pace, now - turnedAt);

function queue({ waiting }: Lane, milliseconds: number): Promise<Leave | undefined> {
  return new Promise((resolve) => {
    const settle = (leave: Leave | undefined) => {
      clearTimeout(timer);
      waiting.delete(settle);
      resolve(leave);
    };
    const timer = setTimeout(settle, milliseconds, undefined);
    waiting.add(settle);
  });
}
