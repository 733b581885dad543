import { expect, it } from 'vitest';
import { renderDrawings } from '../../scripts/draw-architecture.ts';

it.each(renderDrawings())('$file is what node scripts/draw-architecture.ts draws', ({ current, rendered }) => {
  expect(current).toBe(rendered);
});
