/** Asks the registry of an image whether it has it, with the credentials of the user who runs the command. */
import type { Config, Environment } from '../../config/parse.ts';
import type { ImageFacts } from '../../doctor/facts.ts';
import { fail, ok } from '../../util/result.ts';
import { openLocalLookup } from './local-lookup.ts';

export async function checkImage(config: Config, env: Environment, image: string): Promise<ImageFacts['answer']> {
  let outcome = '';
  const opened = await openLocalLookup(config, env, (event) => {
    outcome = event.outcome;
  });
  if (!opened.ok) return fail({ isSure: false, message: opened.problem.join(' ') });
  const { lookup, close } = opened.value;
  try {
    const answer = await lookup(image, { spec: { containers: [{ name: 'app', image }] } });
    if (answer.found) return ok({ platforms: answer.platforms ?? [] });
    // It is there: that its platforms run different commands does not matter.
    if (outcome === 'platforms-disagree') return undefined;
    return fail({ isSure: sure.has(outcome), message: answer.problems[0] ?? 'its registry did not answer' });
  } finally {
    close();
  }
}

// --- internal ---

/** Answers that a node would get as well. Others depend on the network and on credentials. */
const sure: ReadonlySet<string> = new Set(['not-found', 'no-platform', 'invalid-reference', 'unsupported']);
