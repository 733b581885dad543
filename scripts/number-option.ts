/** Numbers on the command lines of the project's own tools. */
import { InvalidArgumentError } from 'commander';

export function aboveZero(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('expected a number above 0');
  return number;
}

export function fromOneOn(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return Number(text);
}
