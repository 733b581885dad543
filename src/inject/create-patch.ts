/** The patch for a pod: its repairs, and then what its strategy does. They come first because later operations move containers. */
import type { Operation } from 'fast-json-patch';
import type { Facts } from '../pod/facts.ts';
import { createNativePatch } from './native/move-sidecars.ts';
import { createWrapPatch } from './patch/build-patch.ts';
import type { Plan } from './plan.ts';
import { repairSidecars } from './repair.ts';

/** @returns nothing for a pod that is as the plan wants it */
export const createPatch = (facts: Facts, plan: Plan): Operation[] => [
  ...repairSidecars(plan.repairs),
  ...createOwn(facts, plan),
];

// --- internal ---

function createOwn(facts: Facts, plan: Plan): Operation[] {
  switch (plan.strategy) {
    case 'wrap':
      return createWrapPatch(facts, plan);
    case 'native':
      return createNativePatch(facts, plan);
    case 'none':
      return [];
  }
}
