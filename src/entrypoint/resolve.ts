/** Finds out what each container to be wrapped runs: from its manifest, our annotation, or its image. */
import type { Container, Pod } from '../types.ts';
import { composeArgv, type ImageCommand } from './argv.ts';

/** Where an entrypoint was learnt. */
type EntrypointSource = 'pod' | 'annotation' | 'image';

/** A container's argv as it must stand in the manifest, never empty; `image` is the digest of the image it came from. */
export type Entrypoint = { argv: string[]; source: EntrypointSource; image?: string };

/** Asks a registry. Everything that can go wrong there is an answer, too: `problem` is a sentence for the pod's owner. */
export type LookupImageConfig = (
  image: string,
  pod: Pod,
) => Promise<({ found: true; digest: string } & ImageCommand) | { found: false; problem: string }>;

export type Resolution = { ok: true; entrypoint: Entrypoint; warnings: string[] } | { ok: false; problem: string };

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
  const answer = image && lookup ? await lookup(image, pod) : { found: false as const, problem: 'it has no command' };
  if (!answer.found) return { ok: false, problem: unknownEntrypoint(name, answer.problem) };
  const argv = composeArgv(container, answer);
  if (argv.length === 0)
    return { ok: false, problem: unknownEntrypoint(name, 'its image has no ENTRYPOINT and no CMD') };
  return { ok: true, entrypoint: { argv, source: 'image', image: answer.digest }, warnings: [] };
}

const unknownEntrypoint = (name: string, problem: string) =>
  `container ${name}: what it runs is unknown (${problem}); write its command in the manifest, or annotate the pod with clockout.dev/entrypoint: '["/path/of/its/program"]'`;
