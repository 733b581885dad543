/** Inputs that were finds once: corpus/TARGET/*.json. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'corpus');

export function readCorpus(target: string): { file: string; input: unknown }[] {
  const own = join(folder, target);
  if (!existsSync(own)) return [];
  return readdirSync(own).map((file) => ({ file, input: JSON.parse(readFileSync(join(own, file), 'utf8')) }));
}

/** @returns where it was written */
export function addToCorpus(target: string, input: unknown): string {
  const text = `${JSON.stringify(input, null, 2)}\n`;
  const own = join(folder, target);
  mkdirSync(own, { recursive: true });
  const file = join(own, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  writeFileSync(file, text);
  return file;
}
