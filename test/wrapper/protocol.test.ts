import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawProtocol, protocolImage } from '../../scripts/draw-protocol.ts';

it("the protocol's drawing is what scripts/draw-protocol.ts makes (else: npm run generate)", () => {
  expect(readFileSync(protocolImage, 'utf8')).toBe(drawProtocol());
});
