/** What `uninject` did to each pod template, as lines for people. Pure. */
import { formatCount } from '../../util/count.ts';
import { formatTitle } from '../find-pods.ts';
import type { Uninjected, UninjectedTemplate } from './uninject-source.ts';

type Report = { add: (uninjected: Uninjected) => void; finish: () => string[] };

/** A summary if there are several pod templates, then one line for each that has something of Clockout. */
export function createUndoReport(): Report {
  const lines: string[] = [];
  let [restored, undone, others] = [0, 0, 0];
  let isLeft = false;
  const add = ({ source, templates, left }: Uninjected) => {
    lines.push(...source.warnings);
    isLeft ||= left.length > 0;
    for (const { title, flags } of left)
      lines.push(
        `${source.name}: ${title}: it has something of Clockout, and was not looked at; take it out with ${flags}`,
      );
    for (const template of templates) {
      if (template.isRestored) restored++;
      else if (template.undo.operations.length > 0) undone++;
      else {
        others++;
        continue;
      }
      const title = formatTitle(template.template);
      lines.push(...describeTemplate(template).map((line) => `${source.name}: ${title}: ${line}`));
    }
  };
  const finish = () => {
    if (restored + undone === 0)
      return isLeft ? lines : [...lines, 'nothing to take out: the input has nothing of Clockout'];
    const counts = [
      [restored, 'as before inject'],
      [undone, 'without Clockout now'],
      [others, 'without Clockout already'],
    ] as const;
    const summary = counts.flatMap(([count, words]) => (count > 0 ? `${formatCount(count)} ${words}` : []));
    return restored + undone + others > 1 ? [summary.join(', '), ...lines] : lines;
  };
  return { add, finish };
}

// --- internal ---

function describeTemplate({ isRestored, undo: { unwrapped, notes } }: UninjectedTemplate): string[] {
  if (isRestored) return ['as before inject, byte for byte'];
  const commands = unwrapped.length > 0 ? `; the command of ${unwrapped.join(', ')} is the one from before` : '';
  return [
    `without Clockout now${commands}`,
    ...notes.map(
      ({ container }) =>
        `warning: ${container} has the whole command that it ran, because it is not recorded which words came from its image or an annotation`,
    ),
  ];
}
