/**
 * Which credentials are for an image: by the kubelet's rules, so that Clockout reads an image with the credentials that a node
 * will pull it with.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/credentialprovider/keyring.go
 */
import type { Reference } from '../reference.ts';
import type { Credential } from './credential.ts';
import type { ConfigEntry } from './docker-config.ts';

/** A pod may name any number of Secrets; each credential that fails is a failed login at a registry. */
export const mostCredentials = 16;

/**
 * The credentials to try for an image, in turn, at most `mostCredentials`: the most specific address first (to the kubelet, the last by
 * alphabet), those of one address in the order of the entries. If all of them fail, an anonymous client may still succeed.
 * @param entries of all Secrets, one after the other
 */
export function selectCredentials(
  { registry, repository }: Pick<Reference, 'registry' | 'repository'>,
  entries: readonly ConfigEntry[],
): Credential[] {
  const target = { ...splitKey(registry), path: `/${repository}` };
  const covering = entries.filter(({ key }) => covers(splitKey(key, target.labels.length + 1), target));
  // A kubelet also offers these to localhost and to hosts without a dot; but Docker Hub's password is not theirs to see.
  const legacy = registry === 'docker.io' ? entries.filter(({ key }) => key === 'index.docker.io') : [];
  const found =
    covering.length > 0 ? covering.toSorted((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0)) : legacy;
  const different = new Map<string, Credential>();
  for (const { credential } of found) {
    if (different.size === mostCredentials) break;
    different.set(JSON.stringify(credential), credential);
  }
  return [...different.values()];
}

// --- internal ---

/** Labels of the host match one by one, the port exactly; the path is a prefix, even one that ends within a name. */
const covers = (glob: Key, target: Key): boolean =>
  glob.port === target.port &&
  glob.labels.length === target.labels.length &&
  target.path.startsWith(glob.path) &&
  target.labels.every((label, index) => globMatches(glob.labels[index] ?? '', label));

type Key = { labels: string[]; port: string; path: string };

/**
 * Most of an IPv6 address counts as a port here; that compares as well.
 * @param most how many labels to split off: a pattern with more than a host matches nothing, however many it has
 */
function splitKey(key: string, most?: number): Key {
  const [, host = '', port = '', path = ''] = /^([^:/]*)(?::([^/]*))?(\/.*)?$/s.exec(key) ?? [];
  return { labels: host.split('.', most), port, path };
}

/** A label of a host has at most 63 characters, and a pattern needs at most one * before and after each of them. */
const longestPattern = 127;

/** Linear in both lengths, because a pattern comes from the owner of a Secret, who can have thousands of them. */
function globMatches(glob: string, label: string): boolean {
  if (!glob.includes('*')) return glob === label;
  if (glob.length > longestPattern) return false;
  const [start = '', ...parts] = glob.split('*');
  const end = parts.pop() ?? '';
  const last = label.length - end.length;
  if (last < start.length || !label.startsWith(start) || !label.endsWith(end)) return false;
  let from = start.length;
  for (const part of parts) {
    const found = label.indexOf(part, from);
    if (found < 0 || found + part.length > last) return false;
    from = found + part.length;
  }
  return true;
}
