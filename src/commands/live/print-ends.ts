/** Prints the plan and the result of `clockout end`. */

import {
  countResults,
  everywhere,
  hasFailed,
  listFailures,
  planTable,
  type Row,
  resultTable,
} from '../../end/report.ts';
import { printYaml } from '../../manifests/yaml/print.ts';
import { plural } from '../../util/count.ts';
import { paint } from '../../util/paint.ts';
import { exitCode, type Io, printProblems } from '../command.ts';
import { terminalWidth } from '../shared-options.ts';

export type PrintOptions = {
  /** `wide`: names and reasons are not cut. */
  form: 'table' | 'wide' | 'json' | 'yaml';
  color: boolean;
  isDryRun: boolean;
  /** Whether some pods are not known. */
  isPartial: boolean;
  /** How many pods could not be read. */
  unread: number;
  /** Where pods were looked for. */
  scope: string;
  hasNamespaces: boolean;
};

const describeUnread = (count: number): string[] =>
  count === 0 ? [] : [`${plural(count, 'pod')} could not be read: too large, or not as Kubernetes documents pods`];

export function createPrinter(
  io: Io,
  { form, color, isDryRun, isPartial, unread, scope, hasNamespaces }: PrintOptions,
) {
  const options = () => ({
    hasNamespaces,
    width: form === 'wide' ? undefined : terminalWidth(),
    now: Date.now(),
    paint: (...[format, text]: Parameters<typeof paint>) => (color ? paint(format, text) : text),
  });
  const printTable = (rows: readonly Row[]) => {
    // What could not be listed at all is one line on standard error.
    const isOneFailure = rows.length === 1 && rows[0]?.result === 'not listed' && !hasNamespaces;
    const hasRows = !isOneFailure && rows.some(({ namespace }) => namespace !== everywhere);
    if (hasRows) io.stdout(isDryRun ? planTable(rows, options()) : resultTable(rows, options()));
    else if (rows.length === 0) io.stderr(`No Job hangs in ${scope}.\n`);
  };
  return {
    /** Before a question; standard output is left to the result. */
    plan: (rows: readonly Row[]) => io.stderr(planTable(rows, options())),
    /** @returns the exit code */
    result: (rows: readonly Row[]) => {
      const partial = isPartial || rows.some(({ result }) => result === 'lost' || result === 'not tried');
      const document = { dryRun: isDryRun, partial, items: rows };
      if (form === 'json') io.stdout(`${JSON.stringify(document, null, 2)}\n`);
      else if (form === 'yaml') io.stdout(printYaml(document, { indent: 2, indentSeq: true, literals: false }));
      else printTable(rows);
      printProblems(io, [...listFailures(rows), ...describeUnread(unread)]);
      if ((form === 'table' || form === 'wide') && rows.length > 1) io.stderr(`${countResults(rows)}\n`);
      return isPartial || rows.some((row) => hasFailed(row, isDryRun)) ? exitCode.badInput : exitCode.ok;
    },
  };
}
