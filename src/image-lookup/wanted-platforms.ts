/** The platforms that a pod's node may have, as far as the pod says. */
import { anyLinux, formatPlatform, type Platform } from '../oci/platform.ts';
import type { PodSpec } from '../pod/schema.ts';

/** The fields of a pod's spec that choose its node. */
type NodeConstraints = Pick<PodSpec, 'nodeSelector' | 'affinity'>;
type Expression = { key: string; operator: string; values?: readonly string[] | null };

/**
 * | the pod says                                  | wanted |
 * |-----------------------------------------------|--------|
 * | nodeSelector, or In                           | that architecture, that system, with the configured variants |
 * | NotIn                                         | the configured platforms without it |
 * | several terms                                 | what any of them allows |
 * | nothing, what is preferred, other operators   | the configured platforms, or any Linux |
 * | what no node can be                           | the same |
 *
 * Too many are harmless, because they must all run the same; one too few would be a guess. The time is linear in the fields,
 * so it stops at too many platforms.
 * @param configured the platforms of the cluster's nodes
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch
 * @see https://kubernetes.io/docs/reference/kubernetes-api/definitions/node-selector-term-v1/
 */
export function readWantedPlatforms(spec: NodeConstraints, configured: readonly Platform[]): readonly Platform[] {
  const usual = configured.length > 0 ? configured : anyLinux;
  if (!spec.nodeSelector && !spec.affinity) return usual;
  const selected = selectedBy(spec.nodeSelector ?? {});
  const terms = termsOf(spec);
  if (terms.length > maxTerms) return usual;
  const wanted = new Map<string, Platform>();
  for (const term of terms)
    for (const platform of platformsOf([...selected, ...term], usual)) {
      wanted.set(formatPlatform(platform), platform);
      if (wanted.size > maxWanted) return usual;
    }
  return wanted.size > 0 ? [...wanted.values()] : usual;
}

// --- internal ---

/** A cluster has fewer; a pod may name thousands. */
const maxWanted = 16;
/** Each may name all platforms again. */
const maxTerms = 1000;

const osLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'];
const archLabels = ['kubernetes.io/arch', 'beta.kubernetes.io/arch'];
const platformLabels = [...osLabels, ...archLabels];

/** These labels only: the others may be thousands, and each term is read together with what this returns. */
const selectedBy = (nodeSelector: Readonly<Record<string, string | null>>): Expression[] =>
  platformLabels.flatMap((key) => {
    const value = nodeSelector[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value ?? ''] }];
  });

/** The expressions of each term; an empty term fits no node, and one of `matchFields` alone may fit any. */
function termsOf({ affinity }: NodeConstraints): (readonly Expression[])[] {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms) return [[]];
  return terms
    .filter(({ matchExpressions, matchFields }) => matchExpressions?.length || matchFields?.length)
    .map(({ matchExpressions }) => matchExpressions ?? []);
}

/** No node has another value; a platform of another could also have the name of several. */
const canBeLabel = (value: string) => /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(value);

/** What one label may be: one of `among` (anything, where that is left out), and none of `not`. */
type Values = { among?: Set<string>; not: Set<string> };

function valuesOf(expressions: readonly Expression[], labels: readonly string[]): Values {
  const found: Values = { not: new Set() };
  for (const { key, operator, values } of expressions) {
    if (!labels.includes(key)) continue;
    const named = values ?? [];
    if (operator === 'In')
      found.among = new Set(named.filter((value) => canBeLabel(value) && (found.among?.has(value) ?? true)));
    if (operator === 'NotIn') for (const value of named) found.not.add(value);
  }
  return found;
}

/** A generator, because the caller stops at too many: there may be millions of pairs of system and architecture. */
function* platformsOf(expressions: readonly Expression[], usual: readonly Platform[]): Generator<Platform> {
  const systems = valuesOf(expressions, osLabels);
  const { among, not } = valuesOf(expressions, archLabels);
  const architectures = among && [...among].filter((architecture) => !not.has(architecture));
  for (const os of systems.among ?? new Set(usual.map(({ os }) => os))) {
    if (systems.not.has(os)) continue;
    const known = usual.filter((platform) => platform.os === os);
    if (architectures) {
      for (const architecture of architectures) yield* ofArchitecture(os, architecture, known);
    } else {
      const others = known.length > 0 ? known : [{ os }];
      yield* others.filter(({ architecture }) => !architecture || !not.has(architecture));
    }
  }
}

function ofArchitecture(os: string, architecture: string, known: readonly Platform[]): Platform[] {
  const variants = known.filter((platform) => platform.architecture === architecture);
  return variants.length > 0 ? variants : [{ os, architecture }];
}
