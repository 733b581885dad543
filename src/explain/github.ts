/** Explanations as workflow commands of GitHub, which shows them beside the lines of the files. Pure. */
import type { Explanation } from './explanation.ts';
import { countVerdicts, faultsOf, type NotLookedAt, titleOf } from './summary.ts';

/** @param notes about the input: GitHub would also look for commands in them on standard error */
export function asGithub(
  explanations: readonly Explanation[],
  notes: readonly string[],
  open: readonly NotLookedAt[],
): string {
  const said = notes.map((note) => `::notice::${escapeData(note)}`);
  return [...explanations.flatMap(commandsFor), ...said, countVerdicts(explanations, open)]
    .map((line) => `${line}\n`)
    .join('');
}

/** @param problem of the input, such as `job.yaml:8:1: this is not valid YAML`; without a place, GitHub shows it for the whole run */
export function problemAsGithub(problem: string): string {
  const [, file = '', line = '', col = ''] = /^([^:\n]{1,500}):(\d{1,9}):(\d{1,9}): /.exec(problem) ?? [];
  const properties = file === '' || file === 'stdin' ? '' : ` ${propertiesOf({ file, line, col })}`;
  return `::error${properties}::${escapeData(problem)}`;
}

// --- internal ---

/** People do not read more. */
const longest = 2000;

/** @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
function commandsFor(explanation: Explanation): string[] {
  const faults = faultsOf(explanation).map((fault) => command('warning', explanation, fault));
  const warnings = explanation.warnings.map((warning) => command('notice', explanation, warning));
  return [...faults, ...warnings];
}

function command(level: 'warning' | 'notice', explanation: Explanation, message: string): string {
  const title = titleOf(explanation);
  const place =
    'file' in explanation && explanation.file !== 'stdin'
      ? { file: explanation.file, line: `${explanation.line}` }
      : {};
  return `::${level} ${propertiesOf({ ...place, title })}::${escapeData(`${title}: ${message}`)}`;
}

const propertiesOf = (properties: Record<string, string>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeProperty(value)}`)
    .join(',');

/** @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (escapeData, escapeProperty) */
const escapeData = (text: string): string =>
  cut(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const cut = (text: string) =>
  text.length > longest ? `${text.slice(0, longest).toWellFormed()}…` : text.toWellFormed();
