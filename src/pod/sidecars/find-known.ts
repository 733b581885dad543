/**
 * The table of well-known sidecars. A sidecar serves the app, so it is not wrapped and not waited for. The annotation
 * `clockout.dev/containers` overrides the table.
 */
import type { Container } from '../schema.ts';
import type { Known } from './end.ts';
import { configuredSidecars } from './known-configured.ts';
import { plainSidecars } from './known-plain.ts';

export const knownSidecars: readonly Known[] = [...configuredSidecars, ...plainSidecars];

/** Looks up a container by its image, then by its name: versions of a program share names. */
export function findKnown({ name, image }: Container): Known | undefined {
  return byImage.get(lastPart(image ?? '')) ?? findNamed(name);
}

/** A container with the name of one program and the image of another; both are the programs' titles. */
export type TwoPrograms = { code: 'two-programs'; container: string; named: string; runs: string };

export function findTwoPrograms({ name, image }: Container): TwoPrograms | undefined {
  const [ofImage, ofName] = [byImage.get(lastPart(image ?? '')), findNamed(name)];
  if (!ofImage || !ofName || ofImage === ofName || familyOf(ofImage) === familyOf(ofName)) return undefined;
  return { code: 'two-programs', container: name, named: ofName.title, runs: ofImage.title };
}

// --- internal ---

const named = knownSidecars.flatMap((known) => known.names.map((name) => [name, known] as const));
const byName = new Map(named.filter(([name]) => !name.endsWith('*')));
const starts = named.flatMap(([name, known]) => (name.endsWith('*') ? [[name.slice(0, -1), known] as const] : []));
const byImage = new Map(knownSidecars.flatMap((known) => (known.image ? [[known.image, known] as const] : [])));

const findNamed = (name: string) => byName.get(name) ?? starts.find(([start]) => name.startsWith(start))?.[1];

/** Titles of a program's versions are alike up to a comma. */
const familyOf = ({ title }: Known) => title.split(',')[0];

/** The last part of an image's path, without tag and digest. */
function lastPart(image: string): string {
  const digest = image.indexOf('@');
  const path = digest < 0 ? image : image.slice(0, digest);
  const last = path.slice(path.lastIndexOf('/') + 1);
  const tag = last.indexOf(':');
  return tag < 0 ? last : last.slice(0, tag);
}
