/** Pulls from servers of a test, as pods without any settings would, except for what is given. */
import type { AskOptions } from '../../src/oci/ask-mirrors.ts';
import { createRegistryClient, type RegistrySettings } from '../../src/oci/client.ts';
import type { Platform } from '../../src/oci/platform.ts';
import { pullImageConfig } from '../../src/oci/pull-config.ts';
import { type Deadline, startDeadline } from '../../src/util/deadline.ts';

export type PullSettings = RegistrySettings &
  Pick<AskOptions, 'credential' | 'mirrorCredential'> & {
    /** Milliseconds, or what ends when the test says so. */
    deadline?: number | Deadline;
    platforms?: Platform[];
    repository?: string;
  };

/** A deadline that is used up when something has happened, however long that takes. */
export function deadlineUntil(listen: (end: () => void) => void): Deadline {
  const used = new AbortController();
  listen(() => used.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
  return { signal: used.signal, remaining: () => (used.signal.aborted ? 0 : 10_000) };
}

/** @param image its tag or digest @returns the config and `ok`, side by side */
export async function pull(registry: string, image: string, settings: PullSettings = {}) {
  const { deadline = 10_000, repository = 'org/app', credential, mirrorCredential, platforms } = settings;
  const client = createRegistryClient({ plainHttp: [registry, '127.0.0.1'], ...settings });
  const reference = { registry, repository, ...(image.includes(':') ? { digest: image } : { tag: image }) };
  try {
    const pulled = await pullImageConfig(reference, {
      client,
      deadline: typeof deadline === 'number' ? startDeadline(deadline) : deadline,
      ...(credential && { credential }),
      ...(mirrorCredential && { mirrorCredential }),
      ...(platforms && { platforms }),
    });
    return pulled.ok ? { ok: true as const, ...pulled.value } : pulled;
  } finally {
    await client.close();
  }
}
