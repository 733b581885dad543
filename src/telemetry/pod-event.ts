/** The Events on the object that a pod belongs to, for an answer and for a pod that hangs: its owner sees no log and no warning. Pure. */
import { type Outcome, readReason } from '../admission/outcome.ts';
import { describeUnwrappable } from '../admission/response.ts';
import { unwrappable } from '../decide/reasons.ts';
import { findController } from '../pod/owner.ts';
import type { PodMetadata } from '../pod/schema.ts';
import { isDnsLabel } from '../util/dns-name.ts';
import { listed, shortened } from '../util/text.ts';
import type { Answered } from './logger.ts';

export type PodEvent = {
  namespace: string;
  owner: { apiVersion: string; kind: string; name: string; uid: string };
  type: 'Normal' | 'Warning';
  /** In CamelCase, as Kubernetes' own. */
  reason: 'ClockoutWrapped' | 'ClockoutMadeNative' | 'ClockoutCannotWrap' | 'ClockoutPodHangs';
  message: string;
};

/** An event that is the same for all pods of an owner has one key. */
export type Offer = { key: string; namespace: string; make: () => PodEvent };

/**
 * @returns undefined for most pods: those that need nothing, are only observed, or are refused, as Kubernetes then writes an Event of
 *   its own; for dry runs; and for pods without an owner, which have neither a uid nor, often, a name yet
 */
export function toOffer({ request, pod, outcome, treatment }: Answered): Offer | undefined {
  if (treatment !== 'admitted' || request.dryRun) return undefined;
  const told = describe(outcome);
  return told && createOffer(request.namespace, pod.metadata, told);
}

/** @returns undefined for a pod without an owner */
export const toHangingOffer = ({ namespace, name = '', ...metadata }: HangingPod): Offer | undefined =>
  createOffer(namespace, metadata, {
    type: 'Warning',
    reason: 'ClockoutPodHangs',
    about: 'hangs',
    message: () =>
      `The apps of the pod ${name} have ended, and istio-proxy keeps it running; to end it and keep its result: clockout end pod/${name} -n ${namespace}`,
  });

/** As the sweep finds it. */
export type HangingPod = Pick<PodMetadata, 'name' | 'ownerReferences'> & { namespace: string };

// --- internal ---

function createOffer(namespace = '', metadata: PodMetadata | null | undefined, told: Told): Offer | undefined {
  const { apiVersion = '', kind = '', name, uid } = findController(metadata) ?? {};
  if (!name || !uid || !isDnsLabel(namespace)) return undefined;
  if ([apiVersion, kind, name, uid].some(({ length }) => length > longestName)) return undefined;
  const { type, reason, about } = told;
  const owner = { apiVersion, kind, name, uid };
  const make = () => ({ namespace, owner, type, reason, message: shortened(told.message(), longestMessage) });
  return { key: `${uid} ${about}`, namespace, make };
}

/** Of objects in Kubernetes. */
const longestName = 253;

/** The API server takes 1024 bytes. */
const longestMessage = 800;

type Told = Pick<PodEvent, 'type' | 'reason'> & { about: string; message: () => string };

function describe(outcome: Outcome): Told | undefined {
  const why = readReason(outcome);
  if (why !== undefined) {
    if (!unwrappable.has(why)) return undefined;
    const message = () => describeUnwrappable(why, outcome.warnings);
    return { type: 'Warning', reason: 'ClockoutCannotWrap', about: why, message };
  }
  if (outcome.kind !== 'patched') return undefined;
  const { plan } = outcome;
  if (plan.strategy === 'native')
    return {
      type: 'Normal',
      reason: 'ClockoutMadeNative',
      about: 'native',
      message: () =>
        `Clockout made the sidecars ${list(plan.names)} native, so that Kubernetes ends them after the apps`,
    };
  if (plan.strategy !== 'wrap') return undefined;
  const names = plan.containers.map(({ name }) => name);
  return {
    type: 'Normal',
    reason: 'ClockoutWrapped',
    about: 'wrapped',
    message: () => `Clockout wrapped the containers ${list(names)}, so that the sidecars are ended after them`,
  };
}

const list = (names: readonly string[]) => listed(names, 10).join(', ');
