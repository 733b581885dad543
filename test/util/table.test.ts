import { describe, expect, it } from 'vitest';
import { type Column, formatTable } from '../../src/util/table.ts';

type Row = { name: string; why: string };
const columns: Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'WHY', cell: ({ why }) => why, least: 8, paint: (text) => `<${text}>` },
  { title: 'N', cell: ({ name }) => `${name.length}` },
];

describe('formatTable', () => {
  it('aligns columns, and has a word for an empty cell', () =>
    expect(
      formatTable(columns, [
        { name: 'a', why: 'it hangs' },
        { name: 'longer', why: '' },
      ]),
    ).toBe('NAME     WHY        N\na        <it hangs>   1\nlonger   <<none>>     6\n'));

  it('cuts the column that may be cut to the width of the terminal, and no other', () => {
    const text = formatTable(columns, [{ name: 'a-name-that-is-long', why: 'a sentence that is longer' }], 40);
    expect(text.split('\n').slice(0, 2)).toEqual([
      'NAME                  WHY             N',
      'a-name-that-is-long   <a sentence t…>   19',
    ]);
  });

  it('cuts no column to less than its least', () =>
    expect(formatTable(columns, [{ name: 'a', why: 'a sentence that is longer' }], 5)).toContain('<a sente…>'));

  it('shows no character that a terminal obeys', () =>
    expect(formatTable(columns, [{ name: 'a\u001b[2J', why: 'b\nc' }])).toBe('NAME    WHY   N\na [2J   <b c>   5\n'));
});
