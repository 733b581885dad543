import { describe, expect, it } from 'vitest';
import { asClockout, createCalled } from '../../src/util/called.ts';

describe('a command in advice', () => {
  it.each([
    ['clockout', {}, 'clockout end'],
    ['kubectl clockout', { context: 'prod' }, 'kubectl clockout end --context prod'],
    ['clockout', { kubeconfig: '/a b/c', as: "o'neil" }, "clockout end --kubeconfig '/a b/c' --as 'o'\\''neil'"],
  ])('%s with %j: %s', (program, flags, called) => expect(createCalled(program, flags)('end')).toBe(called));

  it('without a cluster has no flags', () => expect(asClockout('end')).toBe('clockout end'));
});
