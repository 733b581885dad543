import { describe, expect, it } from 'vitest';
import { formatDiff } from '../../src/manifests/unified-diff.ts';

const text = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl';

/** Edits that put `to` in place of the one `from` in the text. */
const diff = (...changes: [from: string, to: string][]) => {
  const edits = changes.map(([from, to]) => ({
    start: text.indexOf(from),
    end: text.indexOf(from) + from.length,
    text: to,
  }));
  return formatDiff('x', text, edits).split('\n').slice(2).join('\n');
};

describe('formatDiff', () => {
  it('shows three lines around a change', () => {
    expect(diff(['f', 'F'])).toBe('@@ -3,7 +3,7 @@\n c\n d\n e\n-f\n+F\n g\n h\n i\n');
  });

  it('leaves out what stays the same of the lines that an edit touches', () => {
    expect(diff(['a\nb', 'a\nX\nb'])).toBe('@@ -1,4 +1,5 @@\n a\n+X\n b\n c\n d\n');
  });

  it('puts changes in one hunk whose lines around would meet, and counts on after those before', () => {
    expect(diff(['b', 'b\nX'], ['i', 'I'])).toMatch(/^@@ -1,12 \+1,13 @@\n/);
    expect(diff(['a', 'a\nX'], ['j', 'J']).match(/@@.*@@/g)).toEqual(['@@ -1,4 +1,5 @@', '@@ -7,6 +8,6 @@']);
  });

  it('says where no line break ends the text', () => {
    expect(diff(['l', 'l\nm'])).toBe(
      '@@ -9,4 +9,5 @@\n i\n j\n k\n-l\n\\ No newline at end of file\n+l\n+m\n\\ No newline at end of file\n',
    );
  });

  it('is empty without edits', () => {
    expect(formatDiff('x', text, [])).toBe('');
  });
});
