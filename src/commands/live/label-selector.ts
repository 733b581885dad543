/**
 * Checks a label selector before it is sent: the API server would answer each list with its own error. Pure.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.36.2/pkg/labels/selector.go
 */
import { InvalidArgumentError } from 'commander';

/** @returns the selector as it is */
export function parseSelector(text: string): string {
  const isSelector = text.length <= longest && (text.trim() === '' || requirements.test(text));
  if (isSelector) return text;
  throw new InvalidArgumentError(
    'expected labels, such as app=report,tier!=web, app, !app, or app in (report,import).',
  );
}

// --- internal ---

const longest = 10_000;

const key = '[A-Za-z0-9][-A-Za-z0-9_./]*';
const value = '[-A-Za-z0-9_.]*';
const requirement = [
  String.raw`!\s*${key}`,
  String.raw`${key}(?:\s*(?:==?|!=)\s*${value}|\s*[<>]\s*\d+|\s+(?:not)?in\s*\(\s*${value}(?:\s*,\s*${value})*\s*\))?`,
].join('|');
const requirements = new RegExp(String.raw`^\s*(?:${requirement})\s*(?:,\s*(?:${requirement})\s*)*$`);
