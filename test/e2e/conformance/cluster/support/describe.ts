/** For a case that failed: what was seen, and the last lines of all containers. */
import type { KubeObject } from '../../../cluster/api.ts';
import { logOf } from '../../../cluster/suite/kube.ts';
import { nameOf } from './verdict.ts';
import type { Seen, SeenPod } from './watch-namespace.ts';

export async function describeSeen({ jobs, pods }: Seen): Promise<string> {
  const conditions = jobs.map(({ job, deleted }) => `Job ${JSON.stringify(job.status)}${deleted ? ', deleted' : ''}`);
  return [...conditions, ...(await Promise.all(pods.map(describePod)))].join('\n');
}

async function describePod({ pod, ends, deleted }: SeenPod): Promise<string> {
  const { metadata, status } = pod;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const containers = statuses.map(async ({ name, state, restartCount }: KubeObject) => {
    const log = deleted ? '' : await logOf(pod, name).catch((error: Error) => error.message);
    const ended = (ends[name] ?? []).map(nameOf).join(', ');
    const lines = log.split('\n').slice(-8).join('\n');
    return `--- ${name}: ${JSON.stringify(state)}, ${restartCount} restarts, ended: ${ended}\n${lines}`;
  });
  const title = `pod ${metadata.name} is ${status.phase} ${status.reason ?? ''}${deleted ? ', deleted' : ''}`;
  return [title, ...(await Promise.all(containers))].join('\n');
}
