/** Which of an index's manifests a pod may run. */
import { type IndexEntry, isImageType, referenceType } from './manifest.ts';

/** As in an image's index; what is left out may be anything. */
export type Platform = { os: string; architecture?: string; variant?: string };

/** For a pod that says nothing of its node. */
export const anyLinux: readonly Platform[] = [{ os: 'linux' }];

/**
 * The entries that fit one of the wanted platforms, each digest once. For every wanted platform these are
 * 1. those of its variant, or all of its architecture where it names none, or none has that variant;
 * 2. without any: those of an architecture whose programs its machines run, too;
 * 3. without any: those that name no platform at all.
 *
 * What is no image (attestations, other artifacts) never fits.
 * @see https://github.com/containerd/platforms/blob/main/compare.go
 * @see https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function chooseEntries(entries: readonly IndexEntry[], wanted: readonly Platform[]): IndexEntry[] {
  const images = imagesOf(entries);
  const chosen = new Set(wanted.flatMap((platform) => fitting(images, platform)));
  const digests = new Set<string>();
  return images.filter((entry) => chosen.has(entry) && digests.size < digests.add(entry.digest).size);
}

/** As in `linux/arm64/v8`, or whatever else an index says. */
export const platformName = ({ os, architecture, variant }: Loose<Platform>): string =>
  [os || 'unknown', architecture, variant].filter(Boolean).join('/');

/** For a sentence: the platforms of an index, the first few of them. */
export const platformNames = (entries: readonly IndexEntry[]): string[] =>
  [...new Set(imagesOf(entries).map(({ platform }) => platformName(platform ?? {})))].slice(0, 12);

// --- internal ---

type Loose<T> = { [K in keyof T]?: T[K] | null | undefined };

/** BuildKit marks what it says about an image both ways. */
const imagesOf = (entries: readonly IndexEntry[]) =>
  entries.filter(
    ({ mediaType, platform, annotations, artifactType }) =>
      isImageType(mediaType) &&
      platform?.os !== 'unknown' &&
      !artifactType &&
      annotations?.[referenceType] === undefined,
  );

function fitting(images: readonly IndexEntry[], { os, architecture, variant }: Platform): IndexEntry[] {
  const of = (name: string | undefined) =>
    images.filter(({ platform }) => platform?.os === os && (!name || platform.architecture === name));
  const own = of(architecture);
  if (own.length > 0) {
    const wanted = variantOf({ architecture, variant });
    const exact = variant ? own.filter(({ platform }) => variantOf(platform ?? {}) === wanted) : [];
    return exact.length > 0 ? exact : own;
  }
  const other = alsoRuns.get(architecture ?? '');
  const compatible = other ? of(other) : [];
  return compatible.length > 0 ? compatible : images.filter(({ platform }) => !platform?.os);
}

/** What is meant where none is written. */
const variantOf = ({ architecture, variant }: Loose<Platform>) => variant || defaultVariants.get(architecture ?? '');

const defaultVariants = new Map([
  ['arm', 'v7'],
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);

const alsoRuns = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
]);
