/** Finds out what each container to be wrapped runs: from its manifest, our annotation, or its image. */
import type { Container, Pod } from '../pod/schema.ts';
import { composeArgv, type ImageCommand } from './compose-argv.ts';

/** Where an entrypoint was learnt. */
type EntrypointSource = 'pod' | 'annotation' | 'image';

/**
 * A container's argv as it must stand in the manifest, never empty; `image` is the digest of the image it came from, and
 * `stopSignal` the STOPSIGNAL of that, if it has one.
 */
export type Entrypoint = { argv: string[]; source: EntrypointSource; image?: string; stopSignal?: string };

/** What a lookup may know besides the pod: `milliseconds` are left for it, and a template's tags are always checked. */
type Circumstances = { namespace?: string; milliseconds?: number; isTemplate?: boolean };

/**
 * Asks a registry. All that can go wrong there is an answer, too: `problems` are sentences for the pod's owner. `platforms` are
 * those whose image configs were read, as in `linux/arm64`.
 */
export type LookupImageConfig = (
  image: string,
  pod: Pod,
  circumstances?: Circumstances,
) => Promise<
  ({ found: true; digest: string; platforms?: string[] } & ImageCommand) | { found: false; problems: readonly string[] }
>;

/** As many different images of one pod are looked up. */
const maxImages = 16;

/** @returns a sentence for more images than are looked up for one pod */
export function tooManyImages(images: readonly string[]): string | undefined {
  const count = new Set(images).size;
  return count > maxImages
    ? `${count} different images would have to be looked up for this pod, more than the ${maxImages} that are; write commands in the manifest, or annotate the pod with clockout.dev/entrypoint`
    : undefined;
}

/** For one pod: its containers may share an image, and what is read of the pod for a lookup takes time. */
export function lookupOnce(lookup: LookupImageConfig): LookupImageConfig {
  const answers = new Map<string, ReturnType<LookupImageConfig>>();
  return (image, pod) => {
    const answer = answers.get(image) ?? lookup(image, pod);
    answers.set(image, answer);
    return answer;
  };
}

/** @returns the image where neither manifest nor annotation says what a container runs */
export const imageToLookUp = ({ command, image }: Container, annotated: string[] | undefined): string | undefined =>
  command?.length || annotated ? undefined : image || undefined;

export type Resolution = { ok: true; entrypoint: Entrypoint; warnings: string[] } | { ok: false; problems: string[] };

/**
 * @param annotated what `clockout.dev/entrypoint` says for this container
 * @param lookup left out where no registry may be asked
 */
export async function resolveEntrypoint(
  container: Container,
  pod: Pod,
  annotated: string[] | undefined,
  lookup: LookupImageConfig | undefined,
): Promise<Resolution> {
  const { name, image } = container;
  if (container.command?.length) {
    const warnings = annotated
      ? [`container ${name}: clockout.dev/entrypoint is not used, the manifest has a command`]
      : [];
    return { ok: true, entrypoint: { argv: composeArgv(container), source: 'pod' }, warnings };
  }
  if (annotated) {
    const argv = composeArgv(container, { entrypoint: annotated, cmd: [] });
    return { ok: true, entrypoint: { argv, source: 'annotation' }, warnings: [] };
  }
  if (!image || !lookup) return unknown(name, 'it has no command');
  const answer = await lookup(image, pod);
  if (!answer.found) return unknown(name, 'its registry did not tell', answer.problems);
  const argv = composeArgv(container, answer);
  if (argv.length === 0) return unknown(name, 'its image has no ENTRYPOINT and no CMD');
  const { digest, stopSignal } = answer;
  return {
    ok: true,
    entrypoint: { argv, source: 'image', image: digest, ...(stopSignal && { stopSignal }) },
    warnings: [],
  };
}

/** What to do comes first, and a sentence each: kubectl shows only the start of a long one. */
const unknown = (name: string, because: string, problems: readonly string[] = []): Resolution => ({
  ok: false,
  problems: [
    `container ${name}: what it runs is unknown (${because}); write its command in the manifest, or annotate the pod with clockout.dev/entrypoint: '["/path/of/its/program"]'`,
    ...problems.map((problem) => `container ${name}: ${problem}`),
  ],
});
