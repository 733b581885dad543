/** What a pod requests and may use as a whole, by Kubernetes' own rule: native sidecars count with the containers. */
import type { Container, PodSpec, Resources } from '../../pod/schema.ts';
import { parseQuantity } from '../quantity.ts';

/** @returns whether two pods request the same and have the same limits */
export const sameEffective = (a: PodSpec, b: PodSpec): boolean =>
  kinds.every((kind) => {
    const [before, after] = [effective(a, kind), effective(b, kind)];
    return [...new Set([...before.keys(), ...after.keys()])].every(
      (name) => (before.get(name) ?? 0n) === (after.get(name) ?? 0n),
    );
  });

// --- internal ---

type Kind = 'requests' | 'limits';
const kinds: readonly Kind[] = ['requests', 'limits'];

/**
 * @returns the amount of each resource: the larger of what the containers and native sidecars need together, and what an init
 *   container needs together with the native sidecars before it
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/component-helpers/resource/helpers.go
 */
function effective({ containers, initContainers }: PodSpec, kind: Kind): ReadonlyMap<string, bigint> {
  const total = new Map<string, bigint>();
  for (const container of containers) add(total, amounts(container, kind));
  const [sidecars, most] = [new Map<string, bigint>(), new Map<string, bigint>()];
  for (const container of initContainers ?? []) {
    const own = amounts(container, kind);
    if (container.restartPolicy === 'Always') {
      add(total, own);
      add(sidecars, own);
      continue;
    }
    for (const [name, amount] of own) raise(most, name, amount + (sidecars.get(name) ?? 0n));
  }
  for (const [name, amount] of most) raise(total, name, amount);
  return total;
}

function add(sum: Map<string, bigint>, amounts: Iterable<[string, bigint]>): void {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0n) + amount);
}

function raise(most: Map<string, bigint>, name: string, amount: bigint): void {
  if (amount > (most.get(name) ?? 0n)) most.set(name, amount);
}

/** Kubernetes takes a limit without a request as the request, too. */
function amounts({ resources }: Pick<Container, 'resources'>, kind: Kind): [string, bigint][] {
  const { requests, limits }: Resources = resources ?? {};
  const found = kind === 'limits' ? limits : { ...limits, ...requests };
  return Object.entries(found ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity) ?? 0n]);
}
