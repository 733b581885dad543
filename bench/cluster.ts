/** Whether the test cluster is there to measure on. */
import { existsSync } from 'node:fs';
import { kubeconfig } from '../test/e2e/cluster/kubeconfigs.ts';
import { api } from '../test/e2e/cluster/suite/kube.ts';
import type { NotRun } from './result.ts';

/** @returns undefined if it is up, with Clockout on it */
export async function findNoCluster(): Promise<NotRun | undefined> {
  const notRun = (what: string) => ({ notRun: `${what}; start it with \`npm run cluster -- up\`.` });
  if (!existsSync(kubeconfig('admin'))) return notRun('The test cluster is not up');
  try {
    await api.get('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/zz-clockout');
    return undefined;
  } catch {
    return notRun('The test cluster does not answer, or Clockout is not installed');
  }
}
