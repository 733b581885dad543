import { expect, it } from 'vitest';
import { renderDocs } from '../scripts/docs.ts';

it.each(renderDocs())('$file has the tables that the code says (node scripts/docs.ts writes them)', (doc) => {
  expect(doc.current).toBe(doc.rendered);
});
