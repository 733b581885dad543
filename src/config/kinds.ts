/** The kinds of values that settings have. In each, `expects` completes the sentence "expected …" of an error. */
import { Type } from 'typebox';

export const port = (options: { default: number; description: string }) =>
  Type.Integer({ ...options, minimum: 0, maximum: 65_535, expects: 'a port, 0 to 65535' });

export const file = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description, expects: 'a file name' }));

export const duration = (options: { default: string; description: string }) =>
  Type.String({
    ...options,
    pattern: '^[1-9]\\d{0,5}(ms|[smhd])$',
    expects: 'a duration such as 500ms, 30s, 10m or 7d',
  });

export const count = (options: { default: number; description: string }) =>
  Type.Integer({ ...options, minimum: 1, maximum: 1_000_000, expects: 'a whole number from 1 on' });

export const onOrOff = (options: { default: 'on' | 'off'; description: string }) =>
  Type.Enum(['on', 'off'], { ...options, expects: '`on` or `off`' });

/** Separated by commas. */
export const list = (pattern: string, options: { description: string; expects: string }) =>
  Type.Optional(Type.Array(Type.String({ pattern }), { ...options, minItems: 1 }));

const unitMilliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Of a duration as the settings have it; NaN for anything else. */
export function milliseconds(text: string): number {
  const [, count, unit] = /^(\d+)(ms|[smhd])$/.exec(text) ?? [];
  return Number(count) * unitMilliseconds[unit as keyof typeof unitMilliseconds];
}
