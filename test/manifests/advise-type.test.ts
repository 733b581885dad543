/** Each wrong type of a field has its advice. */
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { findWrong } from '../../src/admission/find-wrong.ts';
import { adviseType } from '../../src/manifests/advise-type.ts';

const schema = Type.Object({
  name: Type.String(),
  count: Type.Optional(Type.Integer()),
  ready: Type.Optional(Type.Boolean()),
  items: Type.Optional(Type.Array(Type.String())),
  metadata: Type.Optional(Type.Object({})),
});

describe('the sentence about a field goes on with what to do', () => {
  it.each([
    [{ name: 3 }, '; put it in quotes'],
    [{ name: -0.5 }, '; put it in quotes'],
    [{ name: true }, '; put it in quotes'],
    [{ name: null }, '; write a text, or remove it'],
    [{ name: ['a'] }, ''],
    [{ name: 'a', count: '3' }, '; remove the quotes'],
    [{ name: 'a', ready: 'true' }, '; remove the quotes'],
    [{ name: 'a', items: 'a' }, '; write a list'],
    [{ name: 'a', metadata: [] }, '; write a map'],
    [{}, '; add what is missing'],
  ])('%j', (value, advice) => {
    const { path, expected, found } = findWrong(schema, value);
    expect(adviseType(`${path || 'the pod'} must ${expected}; found ${JSON.stringify(found)}`)).toBe(advice);
  });
});
