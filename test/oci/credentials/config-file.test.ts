import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openConfigFile } from '../../../src/oci/credentials/config-file.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const configOf = (password: string) =>
  JSON.stringify({ auths: { 'registry.example.com': { username: 'robot', password } } });
const entriesOf = (password: string) => [
  { key: 'registry.example.com', credential: { kind: 'basic', username: 'robot', password } },
];

function make(content: string) {
  const state = { content, problems: [] as string[] };
  const opened = openConfigFile('/etc/clockout/config.json', {
    readFile: async () => {
      if (state.content === 'missing') throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return state.content;
    },
    onProblem: (problem) => state.problems.push(problem),
    interval: 1000,
  });
  return { state, opened };
}

describe("the install's docker config", () => {
  it('is read anew when it has changed', async () => {
    const { state, opened } = make(configOf('old'));
    const result = await opened;
    if (!result.ok) throw new Error(result.problem);
    expect(result.value.entries()).toEqual(entriesOf('old'));
    state.content = configOf('new');
    await vi.advanceTimersByTimeAsync(1000);
    expect(result.value.entries()).toEqual(entriesOf('new'));
    result.value.close();
    state.content = configOf('later');
    await vi.advanceTimersByTimeAsync(5000);
    expect(result.value.entries()).toEqual(entriesOf('new'));
  });

  it('stays as it was while the file is bad, which is told once', async () => {
    const { state, opened } = make(configOf('good'));
    const result = await opened;
    if (!result.ok) throw new Error(result.problem);
    for (const content of ['{', '{', 'missing']) {
      state.content = content;
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(result.value.entries()).toEqual(entriesOf('good'));
    expect(state.problems).toEqual([
      expect.stringContaining('/etc/clockout/config.json is malformed; expected JSON'),
      expect.stringContaining('cannot be read (ENOENT)'),
    ]);
    state.content = configOf('mended');
    await vi.advanceTimersByTimeAsync(1000);
    expect(result.value.entries()).toEqual(entriesOf('mended'));
    result.value.close();
  });

  it.each([
    ['missing', 'cannot be read (ENOENT)'],
    ['[]', 'is malformed'],
    ['{"auths":5}', 'is malformed'],
  ])('is refused at the start if it is %s', async (content, problem) =>
    expect(await make(content).opened).toEqual({ ok: false, problem: expect.stringContaining(problem) }),
  );

  it('may have nothing in it', async () => {
    const opened = await make('{}').opened;
    expect(opened.ok && opened.value.entries()).toEqual([]);
  });
});
