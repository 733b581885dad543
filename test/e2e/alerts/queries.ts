/** The queries that the docs give people to copy. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cluster/paths.ts';

export type Query = { page: string; query: string };

/** @param page below docs/ */
export const readQueries = (page: string): Query[] =>
  [...readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^ *```promql\n(.+?)^ *```$/gms)].map(([, query]) => ({
    page,
    query: `${query}`.trim(),
  }));

export const allQueries = (): Query[] =>
  readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .flatMap(readQueries);
