/** `clockout uninject`: manifests in, the same manifests without what Clockout put in. */
import { createObjects, createTexts } from '../manifests/render.ts';
import { createUndoReport } from '../manifests/undo/report.ts';
import { rewriteUninjected, type Uninjected, uninjectSource } from '../manifests/undo/uninject-source.ts';
import { fail, ok, type Result } from '../util/result.ts';
import type { DefineCommand } from './command.ts';
import {
  addManifestOptions,
  fileOption,
  type ManifestFlags,
  type ManifestOutput,
  type Manifests,
  printManifests,
} from './manifest-command.ts';
import { isColored } from './shared-options.ts';

type OutputForm = 'yaml' | 'json' | 'diff';

export const define: DefineCommand = (command, cli) =>
  addManifestOptions(command.requiredOption(...fileOption), ['yaml', 'json', 'diff'])
    .description(
      'Takes out of manifests what inject, or the webhook, has put into their Pods, Jobs and CronJobs. Prints the manifests to standard output, and a report to standard error.',
    )
    .action(async ({ filename: files, templatePath: paths, output, color }: ManifestFlags<OutputForm>) => {
      const deps = { color: isColored(color, cli.env) };
      cli.exitWith(await printManifests({ files, paths }, deps, cli.io, (input) => uninject(input, output)));
    });

export async function uninject(
  { sources, color }: Manifests & { color: boolean },
  form: OutputForm,
): Promise<ManifestOutput> {
  const [output, report] = [createOutput(form, color), createUndoReport()];
  const problems: string[] = [];
  for (const source of sources) {
    const uninjected = source.ok ? uninjectSource(source.value) : source;
    const added = uninjected.ok ? output.add(uninjected.value) : uninjected;
    if (!added.ok) problems.push(...added.problem);
    if (uninjected.ok) report.add(uninjected.value);
  }
  return problems.length > 0 ? fail(problems) : ok({ parts: output.finish(), report: report.finish() });
}

// --- internal ---

type Output = { add: (uninjected: Uninjected) => Result<void, string[]>; finish: () => Iterable<string> };

function createOutput(form: OutputForm, color: boolean): Output {
  if (form === 'json') {
    const { add, finish } = createObjects();
    return { add: ({ documents }) => ok(add(documents.map(({ after }) => after))), finish };
  }
  const { add, finish } = createTexts(form, { color });
  const addRewritten = (uninjected: Uninjected) => {
    const rewritten = rewriteUninjected(uninjected);
    return rewritten.ok ? ok(add(rewritten.value)) : rewritten;
  };
  return { add: addRewritten, finish };
}
