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
  type ImageAnswer,
  imageToLookUp,
  type Resolved,
  resolveEntrypoint,
} from './resolve.ts';

export type ResolvedAll = Result<
  { entrypoints: Entrypoint[]; problems: readonly EntrypointProblem[] },
  readonly (EntrypointProblem | BoundProblem)[]
>;

/**
 * @param ask left out if no registry may be asked
 * @returns an entrypoint for each app, in their order; or all that is in the way. At once if no image has to be looked up
 */
export function resolveEntrypoints(facts: Facts, ask: AskForImage | undefined): ResolvedAll | Promise<ResolvedAll> {
  const images = new Set(ask ? facts.apps.flatMap((app) => imageOf(app, facts) ?? []) : []);
  if (!ask || images.size === 0) return resolveAll(facts, noAnswers);
  const tooMany = checkImageCount(images);
  return tooMany ? fail([tooMany]) : askForAll(images, ask).then((answers) => resolveAll(facts, answers));
}

// --- internal ---

/** By image. */
type Answers = ReadonlyMap<string, ImageAnswer>;

const noAnswers: Answers = new Map();

/** The containers of a pod can share an image, and a lookup reads much of the pod. */
async function askForAll(images: ReadonlySet<string>, ask: AskForImage): Promise<Answers> {
  return new Map(await Promise.all([...images].map(async (image) => [image, await ask(image)] as const)));
}

function resolveAll(facts: Facts, answers: Answers): ResolvedAll {
  const overBound = checkBounds({ patch: countCommands(facts, answers) });
  if (overBound) return fail([overBound]);
  const found = collect(facts.apps.map((app) => resolveApp(app, facts, answers)));
  if (!found.ok) return found;
  return ok({
    entrypoints: found.value.map(({ entrypoint }) => entrypoint),
    problems: found.value.flatMap(({ problems }) => problems),
  });
}

/**
 * The patch repeats the command of each app that is not wrapped yet. A command of a pod can have 170,000 words, and one of an image
 * can be that of 200 containers.
 * @returns how many bytes the patch has at least
 */
function countCommands(facts: Facts, answers: Answers): number {
  const counts = facts.apps.map((app) => {
    if (app.wrapped) return 0;
    const { command, args } = app.container;
    const answer = answerFor(app, facts, answers);
    const words = [command, args, ...(answer?.found ? [answer.entrypoint, answer.cmd] : [])];
    return countCharacters(
      words.map((list) => list ?? []),
      Number.POSITIVE_INFINITY,
    );
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

/** An app that an earlier call wrapped is not looked up again: its command shows what it runs. */
const imageOf = ({ container, wrapped }: App, facts: Facts) =>
  wrapped ? undefined : imageToLookUp(container, findAnnotated(container.name, facts));

function answerFor(app: App, facts: Facts, answers: Answers): ImageAnswer | undefined {
  const image = imageOf(app, facts);
  return image === undefined ? undefined : answers.get(image);
}

function resolveApp(app: App, facts: Facts, answers: Answers): Result<Resolved, readonly EntrypointProblem[]> {
  const { container, wrapped } = app;
  const { name } = container;
  if (!wrapped) return resolveEntrypoint(container, findAnnotated(name, facts), answerFor(app, facts, answers));
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
