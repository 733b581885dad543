/** What becomes of a pod when its apps have ended: by the pod itself, or by a template and what would be added to it. Pure. */

import { alwaysWrap } from '../decide/cluster-versions.ts';
import { type Decision, decide } from '../decide/decide.ts';
import { type SkipReason, unwrappable } from '../decide/reasons.ts';
import { imageToLookUp } from '../entrypoint/resolve.ts';
import { withProxy } from '../explain/as-webhook.ts';
import type { Labels } from '../mesh/label-selector.ts';
import { defaultsFor } from '../mesh/own-settings.ts';
import { createFacts, type Facts } from '../pod/facts.ts';
import { injectLabel, istioStatus, proxyContainerName, strategyKey } from '../pod/names.ts';
import { isWrapped } from '../pod/own-parts.ts';
import type { Pod } from '../pod/schema.ts';
import { isEndless, listSidecars } from '../pod/sidecars/read.ts';
import { asSeen, type Expected, isAmbient } from './expect-sidecar.ts';
import { type Installation, isCalled, isObserved } from './installation.ts';

/**
 * - `would-hang`: a sidecar would keep the pod running when its apps have ended
 * - `unwrappable`: the same, and Clockout is called for the pod but cannot help
 * - `stripped`: its native sidecar has lost its restartPolicy, so its apps never start, or the API server refuses it
 * - `opted-out`: Clockout is turned off for it, and its app may end the sidecar
 * - `wrapped`: Clockout ends its sidecars
 * - `native`: Kubernetes does
 * - `ambient`: it is in the mesh without a sidecar
 * - `outside`: it has no sidecar that has to be ended
 */
export type SpecFate =
  | 'would-hang'
  | 'unwrappable'
  | 'stripped'
  | 'opted-out'
  | 'wrapped'
  | 'native'
  | 'ambient'
  | 'outside';

/**
 * Why, where the fate does not say it:
 * - `missed`: Clockout is called for such pods, but was not for this one
 * - `unknown-sidecar`: a container that is not in the Job's template, and that Clockout does not know
 * - `observed`: Clockout only observes its namespace
 * - `quit-never`: the pod's annotation forbids that its sidecars are ended
 * - `not-known`: the webhooks of the cluster could not be read, so Clockout may be installed
 */
export type Because =
  | SkipReason
  | 'not-installed'
  | 'not-known'
  | 'missed'
  | 'observed'
  | 'unknown-sidecar'
  | 'quit-never';

export type Judged = {
  fate: SpecFate;
  /** The names of the sidecars that keep it running. */
  keepers: readonly string[];
  because?: Because;
  /** Whether Clockout makes its sidecars native, rather than Istio. */
  converted?: true;
  /** Images that are looked up in their registries to wrap the pod. */
  images: readonly string[];
};

/** What a pod is judged by, besides itself. */
export type Surroundings = {
  installation: Installation | undefined;
  /** Whether the webhooks of the cluster were read, so that none of Clockout's means that it is not installed. */
  isRead: boolean;
  /** Of its namespace. */
  name: string;
  /** The labels of its namespace; undefined if they are not known. */
  namespace: Labels | undefined;
  /** Clockout's annotations of its namespace. */
  annotations: Labels | undefined;
};

/** With the options that hold for the pod where Clockout is installed. */
export function readFacts(pod: Pod, { installation, annotations }: Surroundings): Facts {
  const { settings } = installation ?? {};
  return createFacts(pod, settings?.allowed, settings && defaultsFor(settings, annotations));
}

/**
 * Of a pod that was created.
 * @param unknown names of its classic sidecars that Clockout does not know
 */
export function judgePod(facts: Facts, unknown: readonly string[], around: Surroundings): Judged {
  const { spec, stripped, own, proxy } = facts;
  if (stripped.length > 0)
    return { fate: 'stripped', keepers: stripped.map(({ container }) => container.name), images: [] };
  if (spec.containers.some(isWrapped)) return judgeWrapped(facts, unknown);
  const keepers = [...listSidecars(facts, proxy.state === 'injected'), ...unknown];
  if (keepers.length > 0) return judgeKept(facts, keepers, unknown, around, 'pod');
  if (own.native.length > 0) return { fate: 'native', keepers, converted: true, images: [] };
  return { fate: judgeAlone(facts, around.namespace), keepers, images: [] };
}

/** Of the pods that a template makes from now on. @param pod the template's, with the labels of a Job's pod */
export function judgeTemplate(pod: Pod, expected: Expected, around: Surroundings): Judged {
  const facts = readFacts(withExpected(pod, expected), around);
  const sees = around.installation !== undefined && isCalledFor(facts, around);
  const decision = sees ? decideOn(facts, around) : undefined;
  if (decision?.strategy === 'wrap') return judgeWrapped(facts, [], decision.orElse ? [] : listImages(facts));
  if (decision?.strategy === 'native') {
    const left = decision.problems.flatMap((problem) => (problem.code === 'stays-classic' ? [problem.container] : []));
    if (left.length === 0) return { fate: 'native', keepers: [], converted: true, images: [] };
    return { fate: 'would-hang', keepers: left, because: 'unknown-end', images: [] };
  }
  const keepers = listSidecars(facts, expected.form === 'classic');
  if (keepers.length > 0) return judgeKept(facts, keepers, [], around, 'template');
  if (expected.form === 'ambient') return { fate: 'ambient', keepers, images: [] };
  return { fate: expected.form === 'native' ? 'native' : 'outside', keepers, images: [] };
}

// --- internal ---

/** @param images whose registries may be asked for what they run: for a pod that is there, none */
function judgeWrapped(facts: Facts, unknown: readonly string[], images: string[] = []): Judged {
  if (facts.options.quit === 'never')
    return {
      fate: 'would-hang',
      keepers: listSidecars(facts, facts.proxy.state === 'injected'),
      because: 'quit-never',
      images,
    };
  const endless = facts.sidecars.filter(isEndless).map(({ container }) => container.name);
  if (unknown.length > 0)
    return { fate: 'would-hang', keepers: [...endless, ...unknown], because: 'unknown-sidecar', images };
  return endless.length > 0
    ? { fate: 'would-hang', keepers: endless, because: 'unknown-end', images }
    : { fate: 'wrapped', keepers: [], images };
}

const listImages = ({ apps, options: { entrypoint } }: Facts): string[] =>
  apps.flatMap(({ container }) => {
    const named = !Array.isArray(entrypoint) && entrypoint && Object.hasOwn(entrypoint, container.name);
    const annotated = Array.isArray(entrypoint) ? entrypoint : named ? entrypoint[container.name] : undefined;
    return imageToLookUp(container, annotated) ?? [];
  });

/** Nothing ends its sidecars: why not? */
function judgeKept(
  facts: Facts,
  keepers: readonly string[],
  unknown: readonly string[],
  around: Surroundings,
  of: 'pod' | 'template',
): Judged {
  const { installation, namespace } = around;
  if (facts.inject === 'false' || (facts.inject == null && namespace?.[injectLabel] === 'disabled'))
    return { fate: 'opted-out', keepers, because: 'opted-out', images: [] };
  if (unknown.length === keepers.length) return { fate: 'would-hang', keepers, because: 'unknown-sidecar', images: [] };
  const decision = decideOn(facts, around);
  const images = decision.strategy === 'wrap' ? listImages(facts) : [];
  if (decision.strategy === 'none') {
    const isCannot = installation !== undefined && unwrappable.has(decision.reason) && isCalledFor(facts, around);
    return { fate: isCannot ? 'unwrappable' : 'would-hang', keepers, because: decision.reason, images };
  }
  if (installation === undefined) return { fate: 'would-hang', keepers, because: whyAbsent(around), images };
  const isMissed = of === 'pod' && isCalledFor(facts, around);
  if (!isMissed && isObserved(installation, asSeen(facts, around.name, namespace), facts.isJobPod))
    return { fate: 'would-hang', keepers, because: 'observed', images };
  if (isMissed) return { fate: 'would-hang', keepers, because: 'missed', images };
  return { fate: 'would-hang', keepers, because: namespace === undefined ? 'not-known' : 'not-opted-in', images };
}

const whyAbsent = ({ isRead }: Surroundings) => (isRead ? 'not-installed' : 'not-known');

/** What Clockout decides about a pod that it sees. */
function decideOn(facts: Facts, { installation, namespace }: Surroundings): Decision {
  const strategy = namespace?.[strategyKey];
  const origin = { from: 'server', ...(strategy !== undefined && { strategy }) } as const;
  return decide(facts, origin, installation?.strategies ?? alwaysWrap);
}

function isCalledFor(facts: Facts, { installation, name, namespace }: Surroundings): boolean {
  return installation !== undefined && isCalled(installation, asSeen(facts, name, namespace), facts.isJobPod);
}

function judgeAlone(facts: Facts, namespace: Labels | undefined): SpecFate {
  const hasNative = facts.initContainers.some(({ restartPolicy }) => restartPolicy === 'Always');
  if (hasNative) return 'native';
  return isAmbient(facts, namespace) ? 'ambient' : 'outside';
}

/** As Istio would leave the pod, in all that is read of it. */
function withExpected(pod: Pod, { form }: Expected): Pod {
  if (form === 'classic') return withProxy(pod);
  const initContainers = pod.spec.initContainers ?? [];
  const annotations = {
    ...pod.metadata?.annotations,
    [istioStatus]: JSON.stringify({ initContainers: form === 'native' ? [proxyContainerName] : [] }),
  };
  const metadata = { ...pod.metadata, annotations };
  if (form !== 'native') return pod.metadata?.annotations?.[istioStatus] ? pod : { ...pod, metadata };
  const native = { name: proxyContainerName, restartPolicy: 'Always' };
  return { ...pod, metadata, spec: { ...pod.spec, initContainers: [...initContainers, native] } };
}
