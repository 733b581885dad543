/**
 * What the annotations of a wrapped pod ask for, and another annotation or the pod itself keeps from having an effect. Each warning
 * names both halves. Contradictions about which containers are apps skip the pod: see pod/annotations/select-containers.ts.
 */
import type { WrapPlan } from '../inject/plan.ts';
import { isOwnProbe, whyNotWait } from '../inject/waits-for-proxy.ts';
import { defaultOptions, type OptionName, type Options, withoutEffect } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import { prefix } from '../pod/names.ts';

export type Contradiction =
  | { code: 'useless-option'; option: OptionName; because: UselessBecause }
  | { code: 'without-effect'; option: OptionName; value: string; useless: OptionName }
  | { code: 'useless-by-default'; option: OptionName; value: string; useless: OptionName }
  | { code: 'never-waits' | 'waits-anyway'; container: string; option: OptionName; why: 'hook' | 'probe' }
  | { code: 'probe-kept'; container: string; probe: 'readinessProbe' | 'livenessProbe' }
  | {
      code: 'entrypoint-of-no-app';
      container: string;
      half: 'known' | 'exclude-containers' | 'sidecars' | 'containers';
    }
  | { code: 'url-twice'; container: string; url: string };

export type UselessBecause = 'restarts' | 'one-app' | 'no-proxy';

export function findContradictions(facts: Facts, plan: WrapPlan): Contradiction[] {
  // The pod sets nothing.
  if (facts.options === defaultOptions) return [];
  return [
    ...findPairs(facts),
    ...findUselessByDefault(facts),
    ...findUseless(facts, plan),
    ...findWaits(facts, plan),
    ...findKeptProbes(facts, plan),
    ...findEntrypoints(facts),
    ...findUrlsTwice(facts, plan),
  ];
}

// --- internal ---

const has = ({ annotations }: Facts, option: OptionName): boolean => annotations[prefix + option] != null;

/** With this value of one option, the other one has no effect. */
const pairs: [option: OptionName, holds: (options: Options) => boolean, useless: OptionName][] = [
  ['quit', ({ quit, guard }) => quit === 'never' && guard, 'guard'],
  // A guard counts a container that has not started as ended only where any exit is an end.
  ['quit', ({ quit }) => quit === 'on-success', 'start-timeout'],
  ['wait-timeout', (options) => options['wait-timeout'] === 0, 'on-wait-timeout'],
  ['wait-timeout', (options) => options['wait-timeout'] === 0 && options['wait-for-proxy'] === true, 'wait-for-proxy'],
];

const findPairs = (facts: Facts): Contradiction[] =>
  pairs
    .filter(([option, holds, useless]) => has(facts, option) && has(facts, useless) && holds(facts.options))
    .map(([option, , useless]) => ({
      code: 'without-effect',
      option,
      value: facts.annotations[prefix + option] ?? '',
      useless,
    }));

/** What the pod asks for, and a default rules out. That the pod itself rules out both skips it: see withoutEffect. */
const findUselessByDefault = (facts: Facts): Contradiction[] =>
  withoutEffect
    .filter(([option, value]) => facts.options[option] === value && !has(facts, option))
    .flatMap(([option, value, others]) =>
      others
        .filter((useless) => has(facts, useless))
        .map((useless) => ({ code: 'useless-by-default', option, value: `${value}`, useless })),
    );

function findUseless(facts: Facts, { sidecar, containers }: WrapPlan): Contradiction[] {
  const { options } = facts;
  const useless: [OptionName, UselessBecause, boolean][] = [
    ['start-timeout', 'restarts', options.quit !== 'on-success' && containers.every(({ restarts }) => restarts)],
    ['report-after', 'one-app', options['report-after'] !== 0 && containers.length === 1],
    ['wait-for-proxy', 'no-proxy', sidecar === 'other' && options['wait-for-proxy'] === true],
    ['wait-timeout', 'no-proxy', sidecar === 'other'],
    ['on-wait-timeout', 'no-proxy', sidecar === 'other'],
    ['probes', 'no-proxy', sidecar === 'other' && options.probes !== 'none'],
  ];
  return useless
    .filter(([option, , holds]) => holds && has(facts, option))
    .map(([option, because]) => ({ code: 'useless-option', option, because }));
}

/** Containers that would wait if their hooks or probes did not forbid it, and those that wait although these do. */
function findWaits(facts: Facts, { sidecar }: WrapPlan): Contradiction[] {
  const { apps, options } = facts;
  const timeout = options['wait-timeout'];
  const asked = (['wait-timeout', 'on-wait-timeout'] as const).find((option) => has(facts, option));
  if (sidecar === 'other' || timeout === 0 || options['wait-for-proxy'] === false) return [];
  const [code, option] =
    options['wait-for-proxy'] === true
      ? (['waits-anyway', 'wait-for-proxy'] as const)
      : (['never-waits', asked] as const);
  if (option === undefined) return [];
  return apps.flatMap((app) => {
    const why = whyNotWait(facts, app, timeout);
    return why ? [{ code, container: app.container.name, option, why }] : [];
  });
}

function findKeptProbes({ apps, options: { probes } }: Facts, { port, sidecar }: WrapPlan): Contradiction[] {
  if (probes === 'none' || port === 0 || sidecar === 'other') return [];
  const wanted =
    probes === 'readiness' ? (['readinessProbe'] as const) : (['readinessProbe', 'livenessProbe'] as const);
  return apps.flatMap(({ container }) =>
    wanted.flatMap((probe) => {
      const own = container[probe];
      return own && !isOwnProbe(own) ? [{ code: 'probe-kept', container: container.name, probe } as const] : [];
    }),
  );
}

function findEntrypoints({ apps, options }: Facts): Contradiction[] {
  const { entrypoint, containers } = options;
  if (entrypoint === undefined || Array.isArray(entrypoint)) return [];
  const names = new Set(apps.map(({ container }) => container.name));
  const halfOf = (name: string) =>
    (['exclude-containers', 'sidecars'] as const).find((option) => options[option].includes(name)) ??
    (containers ? 'containers' : 'known');
  return Object.keys(entrypoint)
    .filter((name) => !names.has(name))
    .map((container) => ({ code: 'entrypoint-of-no-app', container, half: halfOf(container) }));
}

/** The same port and path: a host in a URL is a loopback address in any case. */
function findUrlsTwice({ options }: Facts, { sidecars }: WrapPlan): Contradiction[] {
  if (options['quit-urls'].length === 0) return [];
  const placeOf = (url: string) => {
    const { port, pathname } = new URL(url);
    return `${port}${pathname}`;
  };
  const places = new Map(sidecars.flatMap(({ name, quitUrl }) => (quitUrl ? [[placeOf(quitUrl), name] as const] : [])));
  return options['quit-urls'].flatMap((url) => {
    const container = places.get(placeOf(url));
    return container === undefined ? [] : [{ code: 'url-twice', container, url }];
  });
}
