/** A Job as `clockout inject` writes it, before anybody else changes it. */
import { admitPod } from '../../../../../src/admission/admit.ts';
import { decodePod } from '../../../../../src/admission/decode-pod.ts';
import type { KubeObject } from '../../../cluster/api.ts';
import { busyboxImage } from '../../../cluster/images.ts';
import type { JobOptions } from '../../../cluster/suite/kube.ts';

export async function injectedJob(job: JobOptions): Promise<JobOptions & { spec: KubeObject }> {
  const { annotations = {}, spec } = job;
  const decoded = decodePod({ metadata: { annotations }, spec: { restartPolicy: 'Never', ...spec } });
  if (!decoded.ok) throw new Error(decoded.problem);
  const settings = { version: 'test', wrapper: { image: busyboxImage } };
  const outcome = await admitPod(decoded.value, { from: 'cli', job: true }, settings);
  if (outcome.kind !== 'patched') throw new Error(`expected a patch, found ${outcome.kind}`);
  const patched: KubeObject = outcome.patched;
  return { ...job, annotations: patched.metadata.annotations, spec: patched.spec };
}
