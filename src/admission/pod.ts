/** From an object as it was sent to a Pod whose fields have the types that they are read with. */
import { Compile } from 'typebox/compile';
import { Pod } from '../types.ts';

const schema = Compile(Pod);

/** @returns the object itself, unchanged; `problem` names the JSON pointer, what was expected and what was found */
export function decodePod(value: unknown): { ok: true; pod: Pod } | { ok: false; problem: string } {
  if (schema.Check(value)) return { ok: true, pod: value };
  // The deepest error is the one that says most: above it stand those of the unions it is part of.
  const errors = [...schema.Errors(value)].sort((a, b) => depth(b.instancePath) - depth(a.instancePath));
  const where = errors[0]?.instancePath ?? '';
  return { ok: false, problem: `${where || 'the pod'} ${errors[0]?.message}; found ${shown(at(value, where))}` };
}

const depth = (path: string) => path.split('/').length;

const at = (value: unknown, path: string): unknown =>
  path
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], value);

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
