/** What Clockout reads and writes in the cluster, other than its certificate and pull secrets. It is loaded only if it is needed. */
import type { FollowedNamespaces, NamespaceEvents } from '../../kubernetes/namespace-defaults.ts';
import type { WriteEvent } from '../../kubernetes/write-event.ts';
import type { AllowedAnnotations } from '../../pod/annotations/parse.ts';

/** @param allowed the annotations that pods, and namespaces for their pods, may set */
export const followNamespaces =
  (allowed: AllowedAnnotations) =>
  async (events: NamespaceEvents): Promise<FollowedNamespaces> => {
    const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
    const { followNamespaceDefaults } = await import('../../kubernetes/namespace-defaults.ts');
    return followNamespaceDefaults(loadKubeConfig(), { allowed, events, now: () => performance.now() });
  };

export async function openEventWriter(onProblem: (problem: string) => void): Promise<WriteEvent> {
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { createEventWriter } = await import('../../kubernetes/write-event.ts');
  return createEventWriter(loadKubeConfig(), onProblem);
}
