/** The attacks, by the section of the review of security that they come from. Each is bounded in count and in time. */
import { bodyAttacks } from './attacks/bodies.ts';
import { connectionAttacks } from './attacks/connections.ts';
import { operationsAttacks } from './attacks/operations.ts';
import { placeAttacks } from './attacks/places.ts';
import { recordAttacks } from './attacks/records.ts';
import { reviewAttacks } from './attacks/reviews.ts';
import type { Answers, Place } from './load.ts';

export type Attack = {
  name: string;
  run: (place: Place) => Promise<Answers>;
  /** Which answers are right; left out where any is. */
  answers?: RegExp;
};

export const attacks: Attack[] = [
  ...bodyAttacks,
  ...connectionAttacks,
  ...operationsAttacks,
  ...placeAttacks,
  ...recordAttacks,
  ...reviewAttacks,
];
