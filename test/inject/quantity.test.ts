import { describe, expect, it } from 'vitest';
import { longestQuantity, parseQuantity } from '../../src/inject/quantity.ts';

const whole = 10n ** 9n;
const largest = (2n ** 63n - 1n) * whole;

describe('quantities', () => {
  it.each<[string | number, bigint]>([
    ['1', whole],
    [2, 2n * whole],
    ['1.5', 1_500_000_000n],
    ['.5', 500_000_000n],
    ['5.', 5n * whole],
    ['100m', 100_000_000n],
    ['1e3', 1000n * whole],
    ['1e+3', 1000n * whole],
    ['1500e-3', 1_500_000_000n],
    ['1E', 10n ** 18n * whole],
    ['12E2', 1200n * whole],
    ['1k', 1000n * whole],
    ['1Ki', 1024n * whole],
    ['1.5Gi', 3n * 512n * 1024n ** 2n * whole],
    ['32Mi', 32n * 1024n ** 2n * whole],
    ['1G', 10n ** 9n * whole],
    ['2Ei', 2n * 1024n ** 6n * whole],
    ['1n', 1n],
    ['1000u', 1_000_000n],
    ['-1', -whole],
    // Kubernetes rounds up what is smaller than a billionth, and caps what is larger than an int64.
    ['0.0000000001', 1n],
    ['1e-60', 1n],
    ['0e-60', 0n],
    ['100E', largest],
    ['1e50', largest],
    ['1e99999999999999999999', largest],
    ['-1e99999', -largest],
    // As doubles, the two would be the same.
    ['9007199254740993', 9_007_199_254_740_993n * whole],
    ['9007199254740992', 9_007_199_254_740_992n * whole],
  ])('%s', (text, value) => expect(parseQuantity(text)).toBe(value));

  it.each(['', '.', '+', '1kb', 'one', '1 Mi', '0x10', '1e', '1e3k', '1e1.5', '1'.repeat(longestQuantity + 1)])(
    '%j is not a quantity',
    (text) => expect(parseQuantity(text)).toBeUndefined(),
  );
});
