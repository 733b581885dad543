/** Values as YAML. Pure. */
import { Document, visit } from 'yaml';
import { resolvePlain } from './resolve.ts';

/** How new text is laid out. */
export type BlockStyle = { indent: number; indentSeq: boolean; literals: boolean };

/**
 * Prints in block style. Strings that any reader might take for something else (`12:30`, `y`, `0o17`) are quoted,
 * and characters that some readers refuse, or take for line breaks, are escaped.
 */
export function printYaml(value: unknown, { indent, indentSeq, literals }: BlockStyle): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      // A block literal loses white space if it has nothing else, and blanks at its start would be indentation.
      const isOdd = (text: string) =>
        unusual.test(text) || /^\s*$|^\n*[ \t]/.test(text) || resolvePlain(text).type !== 'str';
      if (typeof node.value === 'string' && isOdd(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = document.toString({ lineWidth: 0, indent, indentSeq, blockQuote: literals ? 'literal' : false });
  return escapeUnusual(text);
}

const unusual = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

/** For text in which these characters stand in double quotes only. */
export const escapeUnusual = (text: string) =>
  text.replace(new RegExp(unusual, 'g'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
