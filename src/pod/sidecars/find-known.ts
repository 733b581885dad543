/**
 * The table of well-known sidecars. They serve the app rather than do its work, so they are not wrapped;
 * `clockout.dev/containers` overrules it.
 */
import type { Container } from '../schema.ts';
import type { Known } from './end.ts';
import { configuredSidecars } from './known.ts';
import { plainSidecars } from './plain.ts';

export const knownSidecars: readonly Known[] = [...configuredSidecars, ...plainSidecars];

/** What is known of a container that is a sidecar. Its image counts before its name, which versions of a program share. */
export function findKnown({ name, image }: Container): Known | undefined {
  return byImage.get(lastPart(image ?? '')) ?? findNamed(name);
}

/** @returns a sentence where a container's name and its image are those of two programs; undefined otherwise */
export function twoPrograms({ name, image }: Container): string | undefined {
  const [ofImage, ofName] = [byImage.get(lastPart(image ?? '')), findNamed(name)];
  if (!ofImage || !ofName || ofImage === ofName || familyOf(ofImage) === familyOf(ofName)) return undefined;
  return `container ${name}: its name is that of ${ofName.title}, and its image that of ${ofImage.title}, as which it is ended; rename it`;
}

/** For the docs. */
export function describeRecognition({ names, image }: Known): string {
  const shown = names.map((name) => `\`${name.replace('*', '…')}\``).join(', ');
  return [shown, image && `image \`…/${image}\``].filter(Boolean).join(', or ');
}

// --- internal ---

const named = knownSidecars.flatMap((known) => known.names.map((name) => [name, known] as const));
const byName = new Map(named.filter(([name]) => !name.endsWith('*')));
const starts = named.flatMap(([name, known]) => (name.endsWith('*') ? [[name.slice(0, -1), known] as const] : []));
const byImage = new Map(knownSidecars.flatMap((known) => (known.image ? [[known.image, known] as const] : [])));

const findNamed = (name: string) => byName.get(name) ?? starts.find(([start]) => name.startsWith(start))?.[1];

/** Versions of a program have one title up to a comma. */
const familyOf = ({ title }: Known) => title.split(',')[0];

/** Of an image's path, without tag and digest. */
function lastPart(image: string): string {
  const digest = image.indexOf('@');
  const path = digest < 0 ? image : image.slice(0, digest);
  const last = path.slice(path.lastIndexOf('/') + 1);
  const tag = last.indexOf(':');
  return tag < 0 ? last : last.slice(0, tag);
}
