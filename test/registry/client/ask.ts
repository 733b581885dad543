/** Pulls from servers of a test, as pods without any settings would, but for what is given. */
import type { AskOptions } from '../../../src/registry/client/ask-sources.ts';
import { startBudget } from '../../../src/registry/client/budget.ts';
import type { Platform } from '../../../src/registry/client/platform.ts';
import { pullImageConfig } from '../../../src/registry/client/pull-config.ts';
import { makeRegistryClient, type RegistrySettings } from '../../../src/registry/client/registry-client.ts';

export type PullSettings = RegistrySettings &
  Pick<AskOptions, 'credential' | 'mirrorCredential'> & {
    /** Milliseconds. */
    budget?: number;
    platforms?: Platform[];
    repository?: string;
  };

/** @param image its tag or digest */
export async function pull(registry: string, image: string, settings: PullSettings = {}) {
  const { budget = 10_000, repository = 'org/app', credential, mirrorCredential, platforms } = settings;
  const client = makeRegistryClient({ plainHttp: [registry, '127.0.0.1'], ...settings });
  const reference = { registry, repository, ...(image.includes(':') ? { digest: image } : { tag: image }) };
  try {
    return await pullImageConfig(reference, {
      client,
      budget: startBudget(budget),
      ...(credential && { credential }),
      ...(mirrorCredential && { mirrorCredential }),
      ...(platforms && { platforms }),
    });
  } finally {
    await client.close();
  }
}
