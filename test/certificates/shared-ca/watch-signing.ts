/** Signing goes by no clock: one that is moved must wait for what it has set under way. */
import { webcrypto } from 'node:crypto';
import { vi } from 'vitest';
import { pass } from '../../support/clock.ts';

/** More than a pass takes of the cluster in cluster.ts, each of whose answers takes one. */
const turns = 10;

/** Until `vi.restoreAllMocks()`. */
export function watchSigning() {
  const { subtle } = webcrypto;
  let underWay = 0;
  for (const name of ['generateKey', 'importKey', 'exportKey', 'sign', 'digest'] as const) {
    const original = subtle[name];
    vi.spyOn(subtle, name).mockImplementation(async (...args: unknown[]) => {
      underWay++;
      try {
        return await Reflect.apply(original, subtle, args);
      } finally {
        underWay--;
      }
    });
  }

  /** Until nothing is under way, and nothing comes of what was. */
  const isDone = async () => {
    for (let quiet = 0; quiet < turns; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (underWay > 0) quiet = -1;
    }
  };
  /** Lets so many milliseconds pass, a step at a time, and looks after each. */
  const live = async (milliseconds: number, step: number, look: () => void = () => {}) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      await pass(step);
      await isDone();
      look();
    }
  };
  return { isDone, live };
}
