/** The rights that settings need. */
import { describe, expect, it } from 'vitest';
import { listServerRights } from '../../../src/doctor/gather/rights.ts';

describe('listServerRights', () => {
  it.each([
    [{ CLOCKOUT_SWEEP_MINUTES: '5' }, ['list pods']],
    [{ CLOCKOUT_SWEEP_MINUTES: '0' }, []],
    [{ CLOCKOUT_EVENTS: 'on' }, ['create events']],
    [{ CLOCKOUT_EVENTS: 'off' }, []],
    [{ CLOCKOUT_NAMESPACE_DEFAULTS: 'on' }, ['list namespaces', 'watch namespaces']],
    [{ CLOCKOUT_NAMESPACE_DEFAULTS: 'off' }, []],
    [{ CLOCKOUT_STRATEGY: 'wrap', CLOCKOUT_REGISTRY_WARM_UP: 'off' }, []],
  ])('of %j', (env, rights) => {
    expect(listServerRights(env).map(({ verb, target }) => `${verb} ${target.resource}`)).toEqual(rights);
  });
});
