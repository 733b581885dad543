/** Explains an object of a cluster, by the way on which manifests are explained. */
import { admitPod, type Origin, readFacts, type Settings } from '../../admission/admit.ts';
import type { Outcome } from '../../admission/outcome.ts';
import { type AdmitDeps, admitSource } from '../../manifests/admit-manifests.ts';
import { type PodTemplate, parseManifests, type Source } from '../../manifests/find-pods.ts';
import { findInstallationOf } from '../../mesh/installations.ts';
import type { OwnSettings } from '../../mesh/own-settings.ts';
import { labelsOfJobPod } from '../../mesh/webhooks.ts';
import { readNamespaceDefaults } from '../../pod/annotations/read-defaults.ts';
import { strategyKey } from '../../pod/names.ts';
import { isJobPod } from '../../pod/owner.ts';
import type { Pod } from '../../pod/schema.ts';
import type { Called } from '../../util/called.ts';
import { findValue } from '../../util/find-value.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { readPod, withNativeProxy, withProxy } from '../as-webhook.ts';
import { type Explanation, explain, type Place } from '../explanation.ts';
import { isInCluster, isWrappedPod } from '../missed.ts';
import type { ClusterView } from './cluster-view.ts';
import { findWitness, type Witness } from './expected-sidecar.ts';
import type { GivenSetting } from './given.ts';
import { asNew, type MeshView, viewMesh } from './mesh-view.ts';

export type LiveDeps = AdmitDeps & {
  view: ClusterView;
  now: () => number;
  called: Called;
  /** The settings that the caller chose; for all others, those of the installation hold. */
  given: ReadonlySet<GivenSetting>;
  /** The setting `namespaceDefaults`, if it is among these. */
  hasNamespaceDefaults: boolean;
};

/** @returns every problem as a sentence, if it cannot be explained */
export async function explainObject(
  object: object,
  place: Extract<Place, { context: string }>,
  deps: LiveDeps,
  witness?: Witness,
): Promise<Result<Explanation, string[]>> {
  const { view, lookup, now, called } = deps;
  const parsed = parseManifests(place.context, JSON.stringify(object));
  if (!parsed.ok) return parsed;
  const installed = findInstalled(parsed.value, view);
  const settings = settingsOf(deps, installed);
  const admitted = await admitSource(parsed.value, { ...deps, settings }, (template) =>
    originOf(template, deps, installed),
  );
  if (!admitted.ok) return admitted;
  const [found] = admitted.value.documents.flatMap(({ templates }) => templates);
  if (!found) return fail([`${nameOf(object)} has no containers, so there is nothing to explain`]);
  const { template } = found;
  const own = readPod(template);
  const isJob = template.job || isJobPod(own.metadata);
  const mesh = viewMesh(
    template,
    { isJob, witness: witness ?? (template.kind === 'Pod' ? findWitness([template.pod]) : undefined) },
    view,
  );
  const pod = template.kind === 'Pod' ? own : asInjected(own, template, mesh);
  const origin = originOf(template, deps, installed, mesh);
  const outcome: Outcome =
    template.kind === 'Pod' && !mesh.clockout ? found.outcome : await admitPod(pod, origin, settings, lookup);
  return ok(
    explain(place, {
      template,
      facts: readFacts(pod, origin, settings),
      defaults: { installation: settings.defaults, namespace: origin.namespaceDefaults },
      origin,
      outcome,
      namespaceLabels: view.namespaces.get(template.namespace ?? 'default'),
      asked: lookup !== undefined,
      now: now(),
      mesh,
      unread: view.unread,
      called,
    }),
  );
}

// --- internal ---

/** What the installation sets that the pods of this object belong to. */
function findInstalled({ documents }: Source, view: ClusterView): OwnSettings | undefined {
  const [template] = documents.flatMap(({ templates }) => templates);
  if (!template) return undefined;
  const isJob = template.job || isJobPod(readPod(template).metadata);
  return findInstallationOf(view.installations, asNew(template, view), isJob)?.settings;
}

/** As the installation has them, unless the caller chose others. */
function settingsOf({ settings, view: { oldestNode }, given }: LiveDeps, installed: OwnSettings | undefined): Settings {
  const { strategies, defaults, allowedAnnotations, ...others } = settings;
  const pick = <T>(name: GivenSetting, own: T, theirs: T | undefined) => (given.has(name) ? own : (theirs ?? own));
  const clusterVersions = () => ({ ...strategies?.clusterVersions(), oldestNode: oldestNode?.minor });
  const allowed = installed && !given.has('allowedAnnotations') ? installed.allowed : allowedAnnotations;
  const set = pick('defaults', defaults, installed?.defaults);
  return {
    ...others,
    ...(allowed && { allowedAnnotations: allowed }),
    ...(set && { defaults: set }),
    ...(strategies && {
      strategies: {
        strategy: pick('strategy', strategies.strategy, installed?.strategy),
        nativeFrom: pick('nativeFrom', strategies.nativeFrom, installed?.nativeFrom),
        clusterVersions,
      },
    }),
  };
}

const nameOf = (object: object) => `${findValue(object, 'kind')} ${findValue(object, 'metadata', 'name')}`;

/** As the webhook sees it, if one of Clockout's selects it; else its namespace's labels say why not. */
function originOf(
  template: PodTemplate,
  deps: LiveDeps,
  installed: OwnSettings | undefined,
  { clockout }: MeshView = {},
): Origin {
  const { namespace = 'default' } = template;
  const { namespaces, annotations } = deps.view;
  const labels = namespaces.get(namespace);
  const own = annotations.get(namespace);
  const hasDefaults = deps.given.has('namespaceDefaults') ? deps.hasNamespaceDefaults : installed?.hasNamespaceDefaults;
  const namespaceDefaults =
    hasDefaults && own ? readNamespaceDefaults(own, settingsOf(deps, installed).allowedAnnotations) : undefined;
  const isSelected = clockout?.caller !== undefined || (isInCluster(template) && isWrappedPod(template));
  return {
    from: 'server',
    strategy: labels?.[strategyKey],
    namespaceDefaults,
    ...(labels && !isSelected && { namespaceLabels: labels }),
  };
}

/** A pod of a template, when the Job controller has created it, and Istio has seen it. */
function asInjected(pod: Pod, { name }: PodTemplate, { expected }: MeshView): Pod {
  const labels = { ...pod.metadata?.labels, ...labelsOfJobPod(name) };
  const created = { ...pod, metadata: { ...pod.metadata, labels } };
  if (expected?.sidecar === 'none') return created;
  return expected?.sidecar === 'native' ? withNativeProxy(created) : withProxy(created);
}
