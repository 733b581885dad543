import { describe, expect, it } from 'vitest';
import { boundLine, longestLine } from '../../src/telemetry/line.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

function logged(fields: object, message = 'wrapped the pod'): string {
  const lines: string[] = [];
  createLogger('info', { write: (line) => void lines.push(line) }).info(fields, message);
  expect(lines).toHaveLength(1);
  return `${lines[0]}`;
}

const nested = Array.from({ length: 10_000 }).reduce<object>((inner) => ({ inner }), {});

describe('a line of the log', () => {
  it('that is short stays as it is', () => {
    const line = '{"level":"info","warnings":["é"],"msg":"x"}\n';
    expect(boundLine(line)).toBe(line);
  });

  it.each<[string, object, string?]>([
    ['warnings', { warnings: Array.from({ length: 100_000 }, (_, i) => `warning ${i} ${'x'.repeat(80)}`) }],
    [
      'warnings as long as they may be',
      { warnings: Array(11).fill('"é'.repeat(400)), containers: Array(200).fill('x'.repeat(63)) },
    ],
    ['names', { containers: Array.from({ length: 2000 }, (_, i) => `app-${i}`) }],
    ['one text', { uid: '\\'.repeat(100_000) }],
    ['a message', {}, '😀'.repeat(50_000)],
    ['an error', { err: new Error('x'.repeat(100_000)) }],
    [
      'an error with the pod in it',
      { err: Object.assign(new Error('x'), { tree: { list: Array(50_000).fill({ a: 'b' }) } }) },
    ],
    ['fields', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`field-${i}`, i]))],
    ['keys', { [`k${'x'.repeat(100_000)}`]: 1 }],
    ['depth', { deep: nested }],
  ])('with too many or too long %s is cut, and still JSON', (_, fields, message) => {
    const line = logged(fields, message);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(longestLine);
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', time: expect.any(String) });
  });

  it('keeps as much as there is room for', () => {
    const { warnings } = JSON.parse(logged({ warnings: Array(5).fill('x'.repeat(2000)) }));
    expect(warnings).toEqual(Array(5).fill(`${'x'.repeat(799)}…`));
  });

  it('is one line of printable text', () => {
    const line = logged({ name: 'a\nb\u001b[2J\u009b1m\u2028\u202ec' });
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(JSON.parse(line).name).toBe('a\nb\u001b[2J 1m  c');
  });
});
