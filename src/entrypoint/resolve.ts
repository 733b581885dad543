/** Finds out what a container runs: from its manifest, an annotation, or its image. */
import type { Container, Pod } from '../pod/schema.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { composeArgv, type ImageCommand } from './compose-argv.ts';

/**
 * A container's argv as it must stand in the manifest, never empty. `source` is where it was found. The first `words` of it are
 * from there, and the others are the container's args; undefined if an earlier version of Clockout wrapped the container. From an
 * image, `image` is its digest, and `stopSignal` its STOPSIGNAL if it has one.
 */
export type Entrypoint = {
  argv: string[];
  source: 'pod' | 'annotation' | 'image';
  words?: number;
  image?: string;
  stopSignal?: string;
};

/** What a lookup may know besides the pod: `milliseconds` are left for it, and a template's tags are always checked. */
type Circumstances = { namespace?: string; milliseconds?: number; isTemplate?: boolean };

/** What a registry says about an image. `platforms` are those whose image configs were read, as in `linux/arm64`. */
export type FoundImage = { digest: string; platforms?: string[] } & ImageCommand;

/** Failures are answers, too: `problems` are sentences for the pod's author. */
export type ImageAnswer = ({ found: true } & FoundImage) | { found: false; problems: readonly string[] };

/** Looks up an image in its registry, with the credentials of a pod. */
export type LookupImageConfig = (image: string, pod: Pod, circumstances?: Circumstances) => Promise<ImageAnswer>;

/** The same for the pod that is admitted. */
export type AskForImage = (image: string) => Promise<ImageAnswer>;

export type EntrypointProblem =
  | { code: 'entrypoint-unused'; container: string }
  | { code: 'entrypoint-unknown'; container: string; why: 'no-command' | 'lookup-failed' | 'image-without-command' }
  | { code: 'lookup-failed'; container: string; problem: string }
  | { code: 'too-many-images'; images: number; most: number };

/** `problems` do not keep the pod from being wrapped. */
export type Resolved = { entrypoint: Entrypoint; problems: readonly EntrypointProblem[] };

/** At most so many different images of one pod are looked up. */
const mostImages = 16;

/** @returns a problem if these are more images than Clockout looks up for one pod */
export const checkImageCount = ({ size }: ReadonlySet<string>): EntrypointProblem | undefined =>
  size > mostImages ? { code: 'too-many-images', images: size, most: mostImages } : undefined;

/** @returns the image if neither the manifest nor the annotation says what a container runs */
export const imageToLookUp = ({ command, image }: Container, annotated: string[] | undefined): string | undefined =>
  command?.length || annotated ? undefined : image || undefined;

/**
 * @param annotated what `clockout.dev/entrypoint` says for this container
 * @param answer what a registry says about its image; undefined if none was asked
 */
export function resolveEntrypoint(
  container: Container,
  annotated: string[] | undefined,
  answer: ImageAnswer | undefined,
): Result<Resolved, readonly EntrypointProblem[]> {
  const { name } = container;
  if (container.command?.length) {
    const problems = annotated ? [{ code: 'entrypoint-unused', container: name } as const] : [];
    return resolved(splitAt(container, composeArgv(container), 'pod'), problems);
  }
  if (annotated) {
    return resolved(splitAt(container, composeArgv(container, { entrypoint: annotated, cmd: [] }), 'annotation'));
  }
  if (!answer) return unknown(name, 'no-command');
  if (!answer.found) return unknown(name, 'lookup-failed', answer.problems);
  const argv = composeArgv(container, answer);
  if (argv.length === 0) return unknown(name, 'image-without-command');
  const { digest, stopSignal } = answer;
  return resolved({ ...splitAt(container, argv, 'image'), image: digest, ...(stopSignal && { stopSignal }) });
}

// --- internal ---

/** A container's own args are always at the end. */
const splitAt = ({ args }: Container, argv: string[], source: Entrypoint['source']): Entrypoint => ({
  argv,
  source,
  words: argv.length - (args?.length ?? 0),
});

const resolved = (entrypoint: Entrypoint, problems: readonly EntrypointProblem[] = []) => ok({ entrypoint, problems });

type UnknownReason = Extract<EntrypointProblem, { code: 'entrypoint-unknown' }>['why'];

/** What to do comes first: kubectl shows only the start of a long warning. */
const unknown = (container: string, why: UnknownReason, problems: readonly string[] = []) =>
  fail<EntrypointProblem[]>([
    { code: 'entrypoint-unknown', container, why },
    ...problems.map((problem) => ({ code: 'lookup-failed', container, problem }) as const),
  ]);
