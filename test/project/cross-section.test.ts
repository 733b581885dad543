import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { bodyAttacks } from '../e2e/attack/attacks/bodies.ts';
import { connectionAttacks } from '../e2e/attack/attacks/connections.ts';
import { operationsAttacks } from '../e2e/attack/attacks/operations.ts';
import { placeAttacks } from '../e2e/attack/attacks/places.ts';
import { recordAttacks } from '../e2e/attack/attacks/records.ts';
import { reviewAttacks } from '../e2e/attack/attacks/reviews.ts';
import { attacks } from '../e2e/attack/attacks.ts';
import type { Case } from '../e2e/conformance/case.ts';
import { clusterGroups } from '../e2e/conformance/cluster/groups.ts';
import { containedGroups } from '../e2e/conformance/contained/groups.ts';
import { classicPod, settings } from '../support/pods.ts';
import { crossSection, onlyFull, patternOf } from './cross-section.ts';

const groups = [...clusterGroups, ...containedGroups];
const isIn = ({ name }: Pick<Case<never>, 'name'>) => crossSection.conformance.includes(name);

describe.each([
  ['e2e/cluster/suite', '.cluster.ts', crossSection.cluster],
  ['e2e/wrapper', '.contained.ts', crossSection.wrapper],
] as const)('the cross-section of test/%s', (folder, ending, titles) => {
  const files = readdirSync(join(import.meta.dirname, '..', folder)).filter((file) => file.endsWith(ending));

  it('has every file', () =>
    expect(Object.keys(titles).sort()).toEqual(files.filter((file) => !onlyFull.includes(file)).sort()));

  it.each(Object.entries(titles))('names only tests and groups of %s', (file, listed) => {
    const text = readFileSync(join(import.meta.dirname, '..', folder, file), 'utf8');
    const quoted = (title: string) => ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}${quote}`));
    expect(listed.filter((title) => !quoted(title))).toEqual([]);
    expect(listed).not.toEqual([]);
  });
});

describe('the cross-section of the attacks', () => {
  const { attack } = crossSection;
  it.each(
    Object.entries({ bodyAttacks, connectionAttacks, operationsAttacks, placeAttacks, recordAttacks, reviewAttacks }),
  )('has one of %s', (_, attacks) => expect(attacks.filter(({ name }) => attack.includes(name))).not.toEqual([]));

  it('names only attacks', () => {
    const names = attacks.map(({ name }) => name);
    expect(attack.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('the cross-section of the conformance suite', () => {
  it.each(groups)('has a case of "$title"', ({ cases }) => {
    expect((cases as Pick<Case<never>, 'name'>[]).filter(isIn)).not.toEqual([]);
  });

  it('names only cases', () => {
    const names = groups.flatMap(({ cases }) => cases.map(({ name }) => name));
    expect(crossSection.conformance.filter((name) => !names.includes(name))).toEqual([]);
    expect(crossSection.native.filter((name) => !crossSection.conformance.includes(name))).toEqual([]);
  });
});

describe('the cross-section of the options of the scripts', async () => {
  const pods = clusterGroups.flatMap(({ cases }) =>
    cases.filter(isIn).flatMap(({ pod }) => (pod ? [asInjected(pod)] : [])),
  );
  const used = (await Promise.all(pods.map(optionsOf))).flat();
  const options = Object.entries(Object.groupBy(await optionsOf(classicPod()), ({ option }) => option));

  it('finds more than ten options', () => expect(options.length).toBeGreaterThan(10));

  // A test would not notice what an option does if its value is always the same.
  it.each(options)('has a case in which %s is not as usual', (option, [usual] = []) => {
    const values = used.filter((each) => each.option === option).map(({ value }) => value);
    expect(values.filter((value) => value !== usual?.value)).not.toEqual([]);
  });
});

describe('the pattern of the titles', () => {
  const pattern = patternOf({ a: ['takes all (of it)', 'a %s of %i'], b: ['a group'] });
  it.each([
    ['a title', 'takes all (of it)', true],
    ['a title in a group', 'this > takes all (of it)', true],
    ['a group', 'a group > of tests', true],
    ['a row of a table', 'this > a row of 5', true],
    ['a longer title', 'that takes all (of it)', false],
    ['a longer title', 'takes all (of it) twice', false],
    ['another title', 'takes none', false],
  ])('is right for %s, `%s`', (_, name, expected) => expect(pattern.test(name)).toBe(expected));
});

/** A case's pod, as Istio's webhook would have left it. */
function asInjected({ annotations = {}, spec = {} }: NonNullable<Case<never>['pod']>): Pod {
  const usual = classicPod({ annotations, spec });
  return JSON.parse(JSON.stringify(usual));
}

/** Lists the options that Clockout gives its scripts in a pod: `run wait` and `120`, `guard term` and `10`. */
async function optionsOf(pod: Pod): Promise<{ option: string; value: string }[]> {
  const outcome = await admitPod(pod, { from: 'server' }, settings);
  if (outcome.kind !== 'patched') return [];
  return outcome.patched.spec.containers.flatMap(({ command, lifecycle }) =>
    [command ?? [], lifecycle?.postStart?.exec?.command ?? []].flatMap(optionsIn),
  );
}

/** Lists the options in a command such as `/clockout/busybox sh /clockout/run name=app -- …`. */
function optionsIn(command: string[]): { option: string; value: string }[] {
  const [, , script, ...words] = command;
  if (!script?.startsWith('/clockout/')) return [];
  return words.slice(0, words.indexOf('--')).map((word) => {
    const at = word.indexOf('=');
    return { option: `${script.replace('/clockout/', '')} ${word.slice(0, at)}`, value: word.slice(at + 1) };
  });
}
