/**
 * May Clockout change this pod at all?
 *
 * | belongs to a Job | pod label | namespace (if it is known) | decision |
 * |---|---|---|---|
 * | no  | not "true"  | any       | not-a-job |
 * | yes | "false"     | any       | opted-out |
 * | yes | unset       | disabled  | opted-out |
 * | yes | unset       | unset     | not-opted-in |
 * | yes | unset       | enabled   | continue |
 * | yes | unset       | observe   | continue |
 * | any | "true"      | any       | continue |
 */
import type { Facts } from '../pod/facts.ts';
import { asksForClockout, endsProxy, namespaceSays, type Origin } from './origin.ts';

/** @returns the reason why not; undefined if it may */
export const findGate = (facts: Facts, origin: Origin): Gate | undefined =>
  order.find((reason) => rules[reason](facts, origin));

// --- internal ---

/** They read little of a pod: most pods are skipped by them. */
const rules = {
  'not-a-job': (facts: Facts, origin: Origin) =>
    !asksForClockout(facts) && !facts.isJobPod && !(origin.from === 'cli' && origin.job),
  'opted-out': ({ inject }: Facts, origin: Origin) =>
    inject === 'false' || (inject == null && namespaceSays(origin) === 'disabled'),
  'not-opted-in': ({ inject }: Facts, origin: Origin) => inject == null && !takingPart.has(namespaceSays(origin)),
  'too-large': (facts: Facts, origin: Origin) =>
    (endsProxy(facts, origin) || asksForClockout(facts)) && facts.overBound !== undefined,
};

/** What a namespace says whose pods are decided on. */
const takingPart: ReadonlySet<string | undefined> = new Set(['enabled', 'observe', 'unknown']);

export type Gate = keyof typeof rules;

const order = Object.keys(rules) as Gate[];
