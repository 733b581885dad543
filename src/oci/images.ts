/** The images that a pod may run, of those that a manifest or an index offers, and what they run. */
import { inParallel } from '../util/parallel.ts';
import { fail, ok } from '../util/result.ts';
import { fetchImageConfig, type ImageConfig } from './image-config.ts';
import { fetchManifest, type IndexEntry, type Manifest } from './manifest.ts';
import { isIndexType } from './media-types.ts';
import {
  chooseEntries,
  createPlatform,
  formatPlatform,
  listPlatformNames,
  type Platform,
  showPlatform,
} from './platform.ts';
import type { RegistryResult } from './problem.ts';
import type { Session } from './session.ts';

/** At least one; the platform is the config's own where no index names it. */
export async function fetchImages(
  session: Session,
  manifest: Manifest,
  wanted: readonly Platform[],
): Promise<RegistryResult<ImageConfig[]>> {
  const read =
    manifest.kind === 'image' ? await readSingle(session, manifest) : await readIndex(session, manifest, wanted);
  if (!read.ok) return read;
  // For an image without an index, only its system has to match: a node may emulate its architecture.
  const images = read.value.filter(({ platform: { os } }) => !os || wanted.some((platform) => platform.os === os));
  if (images.length > 0) return ok(images);
  const found = read.value.map(({ platform }) => showPlatform(platform));
  return noPlatform(manifest, wanted, found);
}

/** What all of the images run; a problem with the names of two platforms where they don't run the same. */
export function agreeOnCommand(
  { address }: Manifest,
  images: readonly ImageConfig[],
): RegistryResult<Omit<ImageConfig, 'platform'>> {
  const [first, ...others] = images;
  if (!first) throw new Error('expected at least one image to agree with itself');
  const { platform: _, ...command } = first;
  const other = others.find((image) => commandOf(image) !== commandOf(first));
  if (!other) return ok(command);
  const platforms: [string, string] = [showPlatform(first.platform), showPlatform(other.platform)];
  return fail({ kind: 'platforms-disagree', address, platforms });
}

// --- internal ---

/** Official images have ten platforms. */
const maxImages = 16;
const maxParallel = 4;

type Single = Extract<Manifest, { kind: 'image' }>;
type Index = Extract<Manifest, { kind: 'index' }>;

const commandOf = ({ entrypoint, cmd }: ImageConfig) => JSON.stringify([entrypoint, cmd]);

async function readSingle(session: Session, { config }: Single): Promise<RegistryResult<ImageConfig[]>> {
  const image = await fetchImageConfig(session, config);
  return image.ok ? ok([image.value]) : image;
}

async function readIndex(
  session: Session,
  index: Index,
  wanted: readonly Platform[],
): Promise<RegistryResult<ImageConfig[]>> {
  const entries = await withNested(session, index);
  if (!entries.ok) return entries;
  const chosen = chooseEntries(entries.value, wanted);
  if (chosen.length === 0) return noPlatform(index, wanted, listPlatformNames(entries.value));
  if (chosen.length > maxImages) return tooMany(index);
  return inParallel(chosen, maxParallel, (entry) => readEntry(session, entry));
}

/** An index may name others, one step deep. */
async function withNested(session: Session, index: Index): Promise<RegistryResult<IndexEntry[]>> {
  const nested = index.entries.filter(({ mediaType }) => isIndexType(mediaType));
  if (nested.length > maxImages) return tooMany(index);
  const read = await inParallel(nested, maxParallel, ({ digest, size }) => fetchManifest(session, digest, size));
  if (!read.ok) return read;
  const inner = read.value.flatMap((manifest) => (manifest.kind === 'index' ? manifest.entries : []));
  return ok([...index.entries, ...inner]);
}

async function readEntry(
  session: Session,
  { digest, size, platform }: IndexEntry,
): Promise<RegistryResult<ImageConfig>> {
  const manifest = await fetchManifest(session, digest, size);
  if (!manifest.ok) return manifest;
  if (manifest.value.kind !== 'image')
    return fail({ kind: 'unsupported', address: manifest.value.address, found: 'an index called an image' });
  const image = await fetchImageConfig(session, manifest.value.config);
  if (!image.ok || !platform?.os) return image;
  return ok({ ...image.value, platform: createPlatform(platform.os, platform.architecture, platform.variant) });
}

const tooMany = ({ address }: Index): RegistryResult<never> =>
  fail({ kind: 'too-many-images', address, limit: maxImages });

const noPlatform = ({ address }: Manifest, wanted: readonly Platform[], found: string[]): RegistryResult<never> =>
  fail({ kind: 'no-platform', address, wanted: wanted.map(formatPlatform), found });
