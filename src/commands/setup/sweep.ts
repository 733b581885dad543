/** Starts the count of pods that hang. What it needs is loaded only if it is on. */
import type { Config } from '../../config/parse.ts';
import type { SweepEvents } from '../../sweep/sweep.ts';

export async function openSweep({ sweepMinutes }: Config, events: SweepEvents): Promise<{ stop: () => void }> {
  const { loadKubeConfig } = await import('../../kubernetes/kube-config.ts');
  const { createApi } = await import('../../kubernetes/api/api.ts');
  const { startSweep } = await import('../../sweep/sweep.ts');
  const { list } = createApi(loadKubeConfig());
  return startSweep(list, { everyMilliseconds: sweepMinutes * 60_000, events });
}
