import { describe, expect, it } from 'vitest';
import { findNearest } from '../../src/util/nearest.ts';

describe('findNearest', () => {
  it.each([
    ['reprot', ['report', 'import'], 'report'],
    ['report', ['report-1', 'report-22'], 'report-1'],
    ['staging', ['production', 'development'], undefined],
    ['hnug', ['hung', 'done'], 'hung'],
    ['a', ['b'], undefined],
    ['', ['a'], undefined],
  ])('%s among %j: %s', (name, names, nearest) => expect(findNearest(name, names)).toBe(nearest));

  it('compares no name that is longer than a name can be', () =>
    expect(findNearest('x'.repeat(254), ['x'.repeat(254)])).toBe(undefined));
});
