/** What is fuzzed: where its inputs come from, and what holds for each of them. */
import type fc from 'fast-check';

export type Target = {
  name: string;
  /** JSON values. */
  inputs: fc.Arbitrary<unknown>;
  /** Throws if the input is a find. */
  check: (input: unknown) => void | Promise<void>;
};

/** Keeps the type of the inputs to itself. */
export const defineTarget = <T>(target: {
  name: string;
  inputs: fc.Arbitrary<T>;
  check: (input: T) => void | Promise<void>;
}): Target => ({ ...target, check: (input) => target.check(input as T) });
