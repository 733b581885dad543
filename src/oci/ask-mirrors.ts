/** Asks for an image at its mirrors, then at its registry. */
import { type Deadline, startDeadline } from '../util/deadline.ts';
import type { RegistryClient } from './client.ts';
import type { Credential } from './credentials/credential.ts';
import { listHosts, type RegistryHost } from './mirrors.ts';
import type { RegistryResult } from './problem.ts';
import type { Reference } from './reference.ts';
import { createSession, type Session } from './session.ts';

export type AskOptions = {
  client: RegistryClient;
  deadline: Deadline;
  /** For the reference's own registry; left out for an anonymous client. */
  credential?: Credential;
  /** For a mirror, which never gets the credential of the registry that it stands for. */
  mirrorCredential?: (mirror: Pick<RegistryHost, 'registry' | 'repository'>) => Credential | undefined;
};

type Ask<T> = (session: Session) => Promise<RegistryResult<T>>;

/**
 * The first good answer, or the last problem. Each host has its share of the time that is left, so that a mirror that hangs
 * does not take all of it.
 */
export async function askMirrors<T>(
  reference: Reference,
  options: AskOptions,
  ask: Ask<T>,
): Promise<RegistryResult<T>> {
  const [first, ...others] = listHosts(reference, options.client.settings);
  let result = await askHost(first, options, others.length, ask);
  for (const [i, host] of others.entries()) {
    if (result.ok) break;
    result = await askHost(host, options, others.length - i - 1, ask);
  }
  return result;
}

// --- internal ---

/** In milliseconds: a pod that has less time left must not make it seem to others that a mirror does not answer. */
const minShare = 500;

/** @param left how many hosts come after it */
async function askHost<T>(
  host: RegistryHost,
  { client, deadline, credential, mirrorCredential }: AskOptions,
  left: number,
  ask: Ask<T>,
): Promise<RegistryResult<T>> {
  const open = (until: Deadline) =>
    createSession(client, host, host.isMirror ? mirrorCredential?.(host) : credential, until);
  // The last host has all that is left; its signal may even allow more time than the pod has.
  if (left === 0) return ask(open(deadline));
  const share = startDeadline(Math.max(minShare, deadline.remaining() / (left + 1)), deadline.signal);
  try {
    return await ask(open(share));
  } finally {
    share.stop();
  }
}
