/** What the author of a wrapped pod should know, from its plan. */
import type { Origin } from '../decide/origin.ts';
import type { Plan, WrapPlan, WrappedContainer } from '../inject/plan.ts';
import type { PlannedSidecar } from '../inject/plan-sidecars.ts';
import type { Facts } from '../pod/facts.ts';
import { istioNative, prefix, proxyContainerName } from '../pod/names.ts';
import { findTwoPrograms } from '../pod/sidecars/find-known.ts';
import { findEndProblem } from '../pod/sidecars/read.ts';
import { findContradictions } from './contradictions.ts';
import { describeProblem, type PlanProblem, type Problem } from './warnings.ts';

export function findPlanProblems(facts: Facts, origin: Origin, plan: Plan): Problem[] {
  const repaired = plan.repairs.map(({ container }) => container.name);
  return [
    ...(repaired.length > 0 ? [{ code: 'repaired', containers: repaired } as const] : []),
    ...(plan.strategy === 'wrap' ? findWrapProblems(facts, origin, plan) : []),
    ...(plan.strategy === 'native' && declinesNative(facts) ? [{ code: 'native-declined' } as const] : []),
  ];
}

/**
 * Containers that Clockout does not know are apps, so it waits for each of them.
 * @returns a sentence; undefined for a pod with one app, or whose author has named its apps
 */
export function describeApps({ annotations }: Facts, plan: Plan): string | undefined {
  if (plan.strategy === 'none' || annotations[`${prefix}containers`] != null) return undefined;
  const containers = plan.strategy === 'wrap' ? plan.containers.map(({ name }) => name) : plan.apps;
  if (containers.length < 2) return undefined;
  return describeProblem({ code: plan.strategy === 'wrap' ? 'several-apps' : 'several-native-apps', containers });
}

/** @returns the names of the containers that Clockout neither waits for nor ends, unless a URL of `quit-urls` ends them */
export function listLeftOut({ spec, sidecars }: Facts, plan: WrapPlan): string[] {
  const handled = [...plan.containers, ...plan.sidecars, ...sidecars.map(({ container }) => container)];
  const known = new Set([proxyContainerName, ...handled.map(({ name }) => name)]);
  return spec.containers.map(({ name }) => name).filter((name) => !known.has(name));
}

// --- internal ---

function findWrapProblems(facts: Facts, origin: Origin, plan: WrapPlan): Problem[] {
  const { sidecars } = facts;
  return [
    ...sidecars.flatMap(findEndProblem),
    ...findContradictions(facts, plan),
    ...findProxyProblems(origin, plan),
    ...plan.sidecars.flatMap(findGuardProblems),
    ...plan.containers.flatMap(findStopProblem),
    ...plan.containers.flatMap(({ name, inText }) =>
      inText ? [{ code: 'wrapped-in-text', container: name } as const] : [],
    ),
    ...sidecars.flatMap(({ container }) => findTwoPrograms(container) ?? []),
    ...findLeftOut(facts, plan),
    ...(sharesAmongApps(facts, plan) ? [{ code: 'shared-processes' } as const] : []),
  ];
}

function findProxyProblems(origin: Origin, { sidecar, port, containers }: WrapPlan): PlanProblem[] {
  const isMissing = sidecar === 'expected' && origin.from === 'server';
  const hasUselessProbes = sidecar !== 'other' && port === 0 && containers.some(({ probes }) => probes !== 'none');
  return [
    ...(isMissing ? [{ code: 'proxy-missing' } as const] : []),
    ...(hasUselessProbes ? [{ code: 'probes-without-port' } as const] : []),
  ];
}

function findGuardProblems({ name, guard, quitUrl }: PlannedSidecar): PlanProblem[] {
  if (guard.runs) return [];
  return [
    ...(guard.reason === 'foreign-hook' ? [{ code: 'foreign-hook', container: name } as const] : []),
    ...(quitUrl === undefined ? [{ code: 'no-quit-url', container: name } as const] : []),
  ];
}

const findStopProblem = ({ name, badStop }: WrappedContainer): PlanProblem[] =>
  badStop ? [{ code: 'bad-stop-signal', container: name, ...badStop }] : [];

const declinesNative = ({ annotations, options }: Facts) =>
  options.strategy === 'native' && annotations[istioNative] === 'false';

/** People share processes among apps to watch or signal one from another. The author who has named the apps knows of them. */
const sharesAmongApps = ({ sharedProcesses, annotations }: Facts, { containers }: WrapPlan) =>
  sharedProcesses === 'pod' && containers.length > 1 && annotations[`${prefix}containers`] == null;

function findLeftOut(facts: Facts, plan: WrapPlan): PlanProblem[] {
  const containers = plan.quitUrls.length > 0 ? [] : listLeftOut(facts, plan);
  return containers.length > 0 ? [{ code: 'left-out', containers }] : [];
}
