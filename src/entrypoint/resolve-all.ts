/** Finds out what each app of a pod runs. */
import { type BoundProblem, checkBounds } from '../pod/bounds.ts';
import type { App, Facts } from '../pod/facts.ts';
import { countCharacters } from '../util/count-characters.ts';
import { collect, fail, ok, type Result } from '../util/result.ts';
import {
  type AskForImage,
  checkImageCount,
  type Entrypoint,
  type EntrypointProblem,
  imageToLookUp,
  type Resolved,
  resolveEntrypoint,
} from './resolve.ts';

type ResolvedAll = { entrypoints: Entrypoint[]; problems: readonly EntrypointProblem[] };

/**
 * @param ask left out if no registry may be asked
 * @returns an entrypoint for each app, in their order; or all that is in the way
 */
export async function resolveEntrypoints(
  facts: Facts,
  ask: AskForImage | undefined,
): Promise<Result<ResolvedAll, readonly (EntrypointProblem | BoundProblem)[]>> {
  const askOnce = ask && rememberAnswers(ask);
  const tooMany = ask && checkImageCount(facts.apps.flatMap((app) => imageOf(app, facts) ?? []));
  const overBound = tooMany ?? checkBounds({ patch: await countCommands(facts, askOnce) });
  if (overBound) return fail([overBound]);
  const found = collect(await Promise.all(facts.apps.map((app) => resolveApp(app, facts, askOnce))));
  if (!found.ok) return found;
  return ok({
    entrypoints: found.value.map(({ entrypoint }) => entrypoint),
    problems: found.value.flatMap(({ problems }) => problems),
  });
}

/** The containers of a pod can share an image, and a lookup reads much of the pod. */
export function rememberAnswers(ask: AskForImage): AskForImage {
  const answers = new Map<string, ReturnType<AskForImage>>();
  return (image) => {
    const answer = answers.get(image) ?? ask(image);
    answers.set(image, answer);
    return answer;
  };
}

// --- internal ---

/**
 * The patch repeats the command of each app that is not wrapped yet. A command of a pod can have 170,000 words, and one of an image
 * can be that of 200 containers.
 * @returns how many bytes the patch has at least
 */
async function countCommands(facts: Facts, ask: AskForImage | undefined): Promise<number> {
  const counts = facts.apps.map(async (app) => {
    if (app.wrapped) return 0;
    const { command, args } = app.container;
    const image = imageOf(app, facts);
    const answer = image === undefined ? undefined : await ask?.(image);
    const words = [command, args, ...(answer?.found ? [answer.entrypoint, answer.cmd] : [])];
    return countCharacters(
      words.map((list) => list ?? []),
      Number.POSITIVE_INFINITY,
    );
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

const imageOf = ({ container }: App, facts: Facts) => imageToLookUp(container, findAnnotated(container.name, facts));

/** An app that an earlier call wrapped is not looked up again: its command shows what it runs. */
async function resolveApp(
  { container, wrapped }: App,
  facts: Facts,
  ask: AskForImage | undefined,
): Promise<Result<Resolved, readonly EntrypointProblem[]>> {
  const { name } = container;
  if (!wrapped) return resolveEntrypoint(container, findAnnotated(name, facts), ask);
  const before = ownValue(readContainers(facts), name);
  const { entrypoint: source = 'pod', words, image } = before ?? {};
  const recorded = { ...(words !== undefined && { words }), ...(image && { image }) };
  return ok({ entrypoint: { argv: wrapped.argv, source, ...recorded }, problems: [] });
}

const findAnnotated = (name: string, { options: { entrypoint } }: Facts) =>
  Array.isArray(entrypoint) ? entrypoint : ownValue(entrypoint, name);

/** What an earlier call has recorded, if it wrapped the pod. */
const readContainers = ({ own: { status } }: Facts) =>
  status && 'containers' in status ? status.containers : undefined;

/** A container can have the name `constructor`, which every object seems to have. */
const ownValue = <T>(values: Record<string, T> | undefined, name: string): T | undefined =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;
