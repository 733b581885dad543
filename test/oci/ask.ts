/** Pulls from servers of a test, as pods without any settings would, but for what is given. */
import type { AskOptions } from '../../src/oci/ask-mirrors.ts';
import { makeRegistryClient, type RegistrySettings } from '../../src/oci/client.ts';
import type { Platform } from '../../src/oci/platform.ts';
import { pullImageConfig } from '../../src/oci/pull-config.ts';
import { type Budget, startBudget } from '../../src/util/budget.ts';

export type PullSettings = RegistrySettings &
  Pick<AskOptions, 'credential' | 'mirrorCredential'> & {
    /** Milliseconds, or what ends when the test says so. */
    budget?: number | Budget;
    platforms?: Platform[];
    repository?: string;
  };

/** A budget that is used up when something has happened, however long that takes. */
export function budgetUntil(listen: (end: () => void) => void): Budget {
  const used = new AbortController();
  listen(() => used.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
  return { signal: used.signal, remaining: () => (used.signal.aborted ? 0 : 10_000) };
}

/** @param image its tag or digest */
export async function pull(registry: string, image: string, settings: PullSettings = {}) {
  const { budget = 10_000, repository = 'org/app', credential, mirrorCredential, platforms } = settings;
  const client = makeRegistryClient({ plainHttp: [registry, '127.0.0.1'], ...settings });
  const reference = { registry, repository, ...(image.includes(':') ? { digest: image } : { tag: image }) };
  try {
    return await pullImageConfig(reference, {
      client,
      budget: typeof budget === 'number' ? startBudget(budget) : budget,
      ...(credential && { credential }),
      ...(mirrorCredential && { mirrorCredential }),
      ...(platforms && { platforms }),
    });
  } finally {
    await client.close();
  }
}
