import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guardOptions, wrapperOptions } from '../../src/wrapper/options.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../src/wrapper/${name}`, import.meta.url), 'utf8').replace(/^\s*#.*$/gm, '');

/** guard.sh reads run.sh up to this line, and run.sh reads guard.sh up to the other. */
const [onlyWrapper, onlyGuard] = ['[ $_name ] || return', '[ $_name ] && return'];
const [shared = '', ofWrapper = ''] = read('run.sh').split(onlyWrapper);
const [asking = '', ofGuard = ''] = read('guard.sh').split(onlyGuard);
const run = shared + asking + ofWrapper;
const guard = shared + asking + ofGuard;

const findAll = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map(([, name]) => `${name}`));

const readIn = (script: string) => findAll(script, /\$\{?_([a-z0-9_]+)/g);

/** What init.sh writes into the file that run.sh reads with `.`. */
const setByInit = findAll(read('init.sh'), /"_([a-z0-9_]+)=/g);

/** Assigned, the variable of a loop, or one that `read` fills or `unset` empties. */
const setIn = (script: string) => {
  const reads = [...script.matchAll(/\b(?:read|unset)\b[^\n;|&<]*/g)].map(([words]) => words).join('\n');
  return new Set([
    ...findAll(script, /(?<![\w$])_([a-z0-9_]+)=/g),
    ...findAll(script, /\bfor _([a-z0-9_]+)/g),
    ...findAll(reads, /(?<=\s)_([a-z0-9_]+)/g),
  ]);
};

/** The options of a wrapper that the guard gives itself. */
const emptied = [...findAll(/ name=(?: [a-z]+=)* "\$@"/.exec(asking)?.[0] ?? '', /([a-z]+)=/g)];

describe.each([
  ['run.sh', run, Object.keys(wrapperOptions), []],
  ['guard.sh', guard, Object.keys(guardOptions), emptied],
])('%s', (_, script, options, further) => {
  it('reads every option that it is given', () => {
    const found = readIn(script);
    expect(options.filter((option) => !found.has(option))).toEqual([]);
  });

  // It would be a variable of the container.
  it('reads nothing that neither it, nor init.sh, nor an option sets', () => {
    const known = new Set([...setIn(script), ...setByInit, ...options, ...further]);
    expect([...readIn(script)].filter((name) => !known.has(name))).toEqual([]);
  });
});

it('sees an option that is not on the list', () => {
  expect([...readIn(`${run}\necho $_unheard`)]).toContain('unheard');
  expect([...setIn(`${run}\necho $_unheard`)]).not.toContain('unheard');
});
