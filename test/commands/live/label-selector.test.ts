import { describe, expect, it } from 'vitest';
import { parseSelector } from '../../../src/commands/live/label-selector.ts';

describe('parseSelector', () => {
  it.each([
    'app=report,tier!=web',
    'app',
    '!app',
    ' app == report , ! tier ',
    'app in (a, b),tier notin (c)',
    'app in(a)',
    'example.com/app=',
    'app!=',
    'n>5,n < 10',
    '',
    'in in (in,notin)',
  ])('%j is one', (text) => expect(parseSelector(text)).toBe(text));

  it.each(['!!x', 'a in b', 'a=b=c', 'a,', ',a', '=a', 'a b', 'a in (b', '(a)', 'a=b;c', `a${'b'.repeat(20_000)}`])(
    '%j is none',
    (text) => expect(() => parseSelector(text)).toThrow('expected labels, such as app=report'),
  );

  it('takes a hostile text in linear time', () => {
    for (const part of ['a', 'a,', 'a=', 'a in (', ' ', '!', 'a in (a,'])
      expect(() => parseSelector(`${part.repeat(3000).slice(0, 9999)};`)).toThrow('expected labels');
  });
});
