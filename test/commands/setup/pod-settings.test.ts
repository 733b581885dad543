import { describe, expect, it } from 'vitest';
import { podSettings } from '../../../src/commands/setup/pod-settings.ts';
import { parseConfig } from '../../../src/config/parse.ts';
import { optionNames } from '../../../src/pod/annotations/table.ts';

const allowed = (text?: string) => {
  const parsed = parseConfig(text === undefined ? {} : { CLOCKOUT_ALLOWED_ANNOTATIONS: text });
  if (!parsed.ok) return parsed.problem.map(({ message }) => message);
  return podSettings(parsed.value).allowedAnnotations;
};

describe('the annotations that the operator allows', () => {
  it.each<[string | undefined, string[] | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['all', undefined],
    ['none', []],
    ['quit', ['quit']],
    ['entrypoint, containers,exclude-containers', ['entrypoint', 'containers', 'exclude-containers']],
    ['clockout.dev/entrypoint,clockout.dev/quit-delay', ['entrypoint', 'quit-delay']],
    [optionNames.join(), optionNames],
  ])('%s', (text, names) => expect(allowed(text)).toEqual(names && new Set(names)));

  it.each([
    'all,quit',
    'none,quit',
    'quits',
    'inject',
    'status',
    'quit,',
    'Quit',
    'example.com/quit',
    'clockoutXdev/quit',
  ])('are not %s', (text) =>
    expect(allowed(text)).toEqual([
      `CLOCKOUT_ALLOWED_ANNOTATIONS is ${JSON.stringify(text)}; expected all, none, or some of ${optionNames.join(', ')}, separated by commas.`,
    ]),
  );
});
