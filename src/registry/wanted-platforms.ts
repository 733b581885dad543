/** Which platforms a pod's node may have, as far as the pod itself says. */
import { anyLinux, type Platform, platformName } from './client/platform.ts';

/** The fields of a pod's spec that choose its node. */
type NodeConstraints = {
  nodeSelector?: Readonly<Record<string, string | null>> | null;
  affinity?: { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: Selector | null } | null } | null;
};
type Selector = { nodeSelectorTerms?: readonly Term[] | null };
type Term = { matchExpressions?: readonly Expression[] | null; matchFields?: readonly unknown[] | null };
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
 * Too many are harmless, as they must all run the same; one too few would be a guess.
 * @param configured what the cluster's nodes are
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-arch
 * @see https://kubernetes.io/docs/reference/kubernetes-api/definitions/node-selector-term-v1/
 */
export function wantedPlatforms(spec: NodeConstraints, configured: readonly Platform[]): readonly Platform[] {
  const usual = configured.length > 0 ? configured : anyLinux;
  if (!spec.nodeSelector && !spec.affinity) return usual;
  const selected = Object.entries(spec.nodeSelector ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value ?? ''],
  }));
  const allowed = termsOf(spec).flatMap((term) => platformsOf([...selected, ...term], usual));
  const wanted = [...new Map(allowed.map((platform) => [platformName(platform), platform])).values()];
  return wanted.length > 0 && wanted.length <= maxWanted ? wanted : usual;
}

// --- internal ---

/** There are not as many; a pod may name thousands. */
const maxWanted = 16;

const osLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os'];
const archLabels = ['kubernetes.io/arch', 'beta.kubernetes.io/arch'];

/** The expressions of each term; an empty term fits no node, and one of `matchFields` alone may fit any. */
function termsOf({ affinity }: NodeConstraints): (readonly Expression[])[] {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms) return [[]];
  return terms
    .filter(({ matchExpressions, matchFields }) => matchExpressions?.length || matchFields?.length)
    .map(({ matchExpressions }) => matchExpressions ?? []);
}

/** What one label may be: one of `among` (anything, where that is left out), and none of `not`. */
type Values = { among?: Set<string>; not: Set<string> };

function valuesOf(expressions: readonly Expression[], labels: readonly string[]): Values {
  const found: Values = { not: new Set() };
  for (const { key, operator, values } of expressions) {
    if (!labels.includes(key)) continue;
    const named = new Set(values);
    if (operator === 'In') found.among = new Set([...named].filter((value) => found.among?.has(value) ?? true));
    if (operator === 'NotIn') found.not = new Set([...found.not, ...named]);
  }
  return found;
}

function platformsOf(expressions: readonly Expression[], usual: readonly Platform[]): Platform[] {
  const systems = valuesOf(expressions, osLabels);
  const architectures = valuesOf(expressions, archLabels);
  const among = [...(systems.among ?? usual.map(({ os }) => os))].filter((os) => os && !systems.not.has(os));
  return [...new Set(among)].flatMap((os) => ofSystem(os, architectures, usual));
}

function ofSystem(os: string, { among, not }: Values, usual: readonly Platform[]): Platform[] {
  const known = usual.filter((platform) => platform.os === os);
  if (!among) {
    const others = known.length > 0 ? known : [{ os }];
    return others.filter(({ architecture }) => !architecture || !not.has(architecture));
  }
  return [...among]
    .filter((architecture) => architecture && !not.has(architecture))
    .flatMap((architecture) => {
      const variants = known.filter((platform) => platform.architecture === architecture);
      return variants.length > 0 ? variants : [{ os, architecture }];
    });
}
