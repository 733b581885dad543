import fc from 'fast-check';
import { type FastifyRequest, fastify } from 'fastify';
import { expect, it, vi } from 'vitest';
import { createJsonParser } from '../../../src/server/body/parse-json.ts';

const careful = fastify().getDefaultJsonParser('error', 'error');
const request = {} as FastifyRequest;

const outcome = async (parse: (request: FastifyRequest, json: string) => unknown, json: string) => {
  try {
    return { value: await parse(request, json) };
  } catch (error) {
    return { code: (error as { code: string }).code };
  }
};
const theirs = (_: FastifyRequest, json: string) =>
  new Promise((resolve, reject) => {
    void careful(request, json, (error, value) => (error ? reject(error) : resolve(value)));
  });

const key = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', '__', '\\u');
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(1, '__proto__', null),
    fc.dictionary(key, tie('node'), { maxKeys: 3 }),
  ),
})).node;
/** Letters as `\uXXXX`, some of them. */
const escaped = (json: string) => json.replace(/[_co]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

it('gives what the careful parser gives', () =>
  fc.assert(
    fc.asyncProperty(value, fc.boolean(), fc.nat(3), async (value, isEscaped, cut) => {
      const whole = isEscaped ? escaped(JSON.stringify(value)) : JSON.stringify(value);
      const json = whole.slice(0, whole.length - Math.max(0, cut - 2));
      expect(await outcome(createJsonParser(careful), json)).toEqual(await outcome(theirs, json));
    }),
  ));

it.each([
  ['an ordinary body', '{"a":"const"}', 0],
  ['the letters of a key', '{"a":"constructor"}', 1],
  ['an escape', '{"a":"\\u003c"}', 1],
  ['no JSON', '{', 1],
])('asks the careful parser where it has to: %s', async (_, json, times) => {
  const asked = vi.fn(careful);
  await outcome(createJsonParser(asked), json);
  expect(asked).toHaveBeenCalledTimes(times);
});
