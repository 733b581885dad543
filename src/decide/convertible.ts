/** Which sidecars of a pod can become native ones, and what of the pod only a wrapper can do. */
import type { OptionName } from '../pod/annotations/table.ts';
import type { Facts } from '../pod/facts.ts';
import { prefix, proxyContainerName } from '../pod/names.ts';
import type { Container, ContainerAt } from '../pod/schema.ts';
import { findKnown } from '../pod/sidecars/find-known.ts';
import { type NativeForm, otherForm } from '../pod/sidecars/native.ts';
import { hasUniqueNames } from '../pod/stripped.ts';

export type Convertible = ContainerAt & { form: NativeForm };

/** @returns the classic sidecars that become native, in the pod's order */
export function findConvertible({ spec, proxy, sidecars, initContainers, stripped }: Facts): Convertible[] {
  if (!hasUniqueNames(spec.containers) || !hasUniqueNames(initContainers)) return [];
  // A native one of the same name is what an earlier call made. With any other, the API server refuses the pod as it is.
  const isTaken = (of: string) =>
    initContainers.some(({ name, restartPolicy }) => name === of && restartPolicy !== 'Always') &&
    !stripped.some(({ container }) => container.name === of);
  const istio = proxy.state === 'injected' && proxy.classic ? [{ ...proxy.classic, native: istioForm }] : [];
  return [...istio, ...sidecars]
    .flatMap(({ index, container, native }) =>
      native && !hasRules(container) && !isTaken(container.name) ? [{ index, container, form: native }] : [],
    )
    .sort((a, b) => a.index - b.index);
}

/** Sidecars that stay classic although Kubernetes could end them. It does not allow restartPolicyRules with Always. */
export const findUnconvertible = ({ proxy, sidecars }: Facts): string[] =>
  [...(proxy.state === 'injected' && proxy.classic ? [proxy.classic] : []), ...sidecars]
    .filter(({ container }) => hasRules(container))
    .map(({ container }) => container.name);

/** Whether the pod has a sidecar that stays as it is: it ends by itself, cannot be native, or is excluded. */
export const leavesSidecars = (facts: Facts): boolean =>
  facts.sidecars.some(({ native }) => native === undefined) ||
  findUnconvertible(facts).length > 0 ||
  facts.options['exclude-containers'].length > 0;

/** The options of the pod that only a wrapper obeys. */
export const findWrapperOptions = ({ annotations, options }: Facts): OptionName[] =>
  wrapperOptions.filter((name) => annotations[prefix + name] != null && !(name === 'quit' && options.quit === 'auto'));

/** The options of the pod that only say how to wrap it: with `auto`, they are of use where it is wrapped. */
export const findWrappingHints = ({ annotations }: Facts): OptionName[] =>
  wrappingHints.filter((name) => annotations[prefix + name] != null);

/**
 * Containers that are neither named as apps nor sidecars. A wrapped pod does not wait for them; natively, Kubernetes does.
 */
export function findUnnamed({ spec, options, apps, sidecars }: Facts): string[] {
  if (options.containers === undefined) return [];
  const excluded = options['exclude-containers'];
  const handled = new Set([...apps, ...sidecars].map(({ container }) => container.name));
  return spec.containers
    .map(({ name }) => name)
    .filter((name) => name !== proxyContainerName && !handled.has(name) && !excluded.includes(name));
}

// --- internal ---

const hasRules = ({ restartPolicyRules }: Container) => (restartPolicyRules ?? []).length > 0;

const istioForm = findKnown({ name: proxyContainerName })?.native ?? otherForm;

const wrappingHints: readonly OptionName[] = ['entrypoint', 'needs-pid-1'];

const wrapperOptions: readonly OptionName[] = [
  'wait-for-proxy',
  'wait-timeout',
  'on-wait-timeout',
  'quit',
  'quit-timeout',
  'start-timeout',
  'report-after',
  'quit-urls',
  'guard',
  'probes',
  'trace',
];
