/** Signing takes real time. A test that moves the clock must wait for the signing that this has started. */
import { webcrypto } from 'node:crypto';
import { vi } from 'vitest';
import { pass } from '../../support/clock.ts';

/** More turns of the event loop than a pass needs: each answer of the cluster in fake-cluster.ts takes one. */
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

  /** Waits until no signing is under way, and none follows. */
  const isDone = async () => {
    for (let quiet = 0; quiet < turns; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (underWay > 0) quiet = -1;
    }
  };
  /** Lets so many milliseconds pass, a step at a time, and calls `check` after each. */
  const live = async (milliseconds: number, step: number, check: () => void = () => {}) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      await pass(step);
      await isDone();
      check();
    }
  };
  return { isDone, live };
}
