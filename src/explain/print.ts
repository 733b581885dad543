/** Explanations in each form of `-o`. Pure. */
import { printYaml } from '../manifests/yaml/print.ts';
import { paint } from '../util/paint.ts';
import { wrapLine } from '../util/wrap.ts';
import type { Paint } from './brush.ts';
import type { Explanation } from './explanation.ts';
import { asGithub } from './github.ts';
import { asJunit } from './junit.ts';
import type { NotLookedAt } from './summary.ts';
import { explanationText } from './text.ts';

export const explainForms = ['text', 'json', 'yaml', 'github', 'junit'] as const;
export type ExplainForm = (typeof explainForms)[number];

type Options = {
  color: boolean;
  /** How many characters a line of the terminal has; left out: lines are not broken. */
  width?: number | undefined;
  /** About the input. Only `github` prints them, the others leave that to standard error. */
  notes: readonly string[];
  /** Objects whose pods were not looked at. */
  open?: readonly NotLookedAt[];
};

export function printExplanations(
  form: ExplainForm,
  explanations: readonly Explanation[],
  { color, width, notes, open = [] }: Options,
): string {
  switch (form) {
    case 'json':
      return `${JSON.stringify(explanations, null, 2)}\n`;
    case 'yaml':
      return printYaml(explanations, { indent: 2, indentSeq: true, literals: false });
    case 'junit':
      return asJunit(explanations, open);
    case 'github':
      return asGithub(explanations, notes, open);
    case 'text': {
      const paintIf: Paint = (format, text) => (color ? paint(format, text) : text);
      const text = explanations.map((explanation) => explanationText(explanation, paintIf)).join('\n');
      return width === undefined
        ? text
        : text
            .split('\n')
            .map((line) => wrapLine(line, width))
            .join('\n');
    }
  }
}

/** Whether one of them would hang or hangs, could not be wrapped, or is not known. */
export const hasHangs = (explanations: readonly Explanation[]): boolean =>
  explanations.some(({ verdict }) => verdict !== 'ends');
