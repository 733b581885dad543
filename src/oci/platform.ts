/** Which of an index's manifests a pod may run. */
import { type IndexEntry, referenceType } from './manifest.ts';
import { isImageType } from './media-types.ts';

/** As in an image's index; a field that is left out matches anything. */
export type Platform = { os: string; architecture?: string; variant?: string };

/** @returns a platform without the fields that are empty */
export const createPlatform = (os: string, architecture?: string | null, variant?: string | null): Platform => ({
  os,
  ...(architecture && { architecture }),
  ...(variant && { variant }),
});

/** For a pod that does not choose its node. */
export const anyLinux: readonly Platform[] = [{ os: 'linux' }];

/**
 * The entries that fit one of the wanted platforms, each digest once. For every wanted platform these are
 * 1. those of its variant, or all of its architecture where it names none, or none has that variant;
 * 2. without any: those of an architecture whose programs its machines run, too;
 * 3. without any: those that name no platform at all.
 *
 * Entries that are not images (attestations, other artifacts) never fit.
 * @see https://github.com/containerd/platforms/blob/main/compare.go
 * @see https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function chooseEntries(entries: readonly IndexEntry[], wanted: readonly Platform[]): IndexEntry[] {
  const images = imagesOf(entries);
  const chosen = new Set(wanted.flatMap((platform) => fitting(images, platform)));
  const byDigest = new Map<string, IndexEntry>();
  for (const entry of images) if (chosen.has(entry) && !byDigest.has(entry.digest)) byDigest.set(entry.digest, entry);
  return [...byDigest.values()];
}

/** As in `linux/arm64/v8`, or whatever else an index says. */
export const formatPlatform = ({ os, architecture, variant }: Loose<Platform>): string =>
  [os || 'unknown', architecture, variant].filter(Boolean).join('/');

/** As formatPlatform, but only a platform that Go and OCI know: see http/show.ts. */
export function showPlatform(platform: Loose<Platform>): string {
  const { os, architecture, variant } = platform;
  const isKnown =
    (!os || os === 'unknown' || systems.includes(os)) &&
    (!architecture || architecture === 'unknown' || architectures.includes(architecture)) &&
    (!variant || /^v\d$/.test(variant));
  return isKnown ? formatPlatform(platform) : 'another platform';
}

/** For a sentence: the platforms of an index, the first few of them. */
export const listPlatformNames = (entries: readonly IndexEntry[]): string[] =>
  [...new Set(imagesOf(entries).map(({ platform }) => showPlatform(platform ?? {})))].slice(0, 12);

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

/** The variant that an entry without one means. */
const variantOf = ({ architecture, variant }: Loose<Platform>) => variant || defaultVariants.get(architecture ?? '');

const defaultVariants = new Map([
  ['arm', 'v7'],
  ['arm64', 'v8'],
  ['amd64', 'v1'],
]);

/** @see https://github.com/golang/go/blob/go1.26.0/src/internal/syslist/syslist.go */
const systems =
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows zos'.split(
    ' ',
  );
const architectures =
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390 s390x sparc64 wasm'.split(' ');

/** Machines of the first also run programs of the second. */
const alsoRuns = new Map([
  ['amd64', '386'],
  ['arm64', 'arm'],
]);
