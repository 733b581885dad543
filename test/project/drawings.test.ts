import { expect, it } from 'vitest';
import { renderArchitecture } from '../../scripts/draw-architecture.ts';
import { renderProtocol } from '../../scripts/draw-protocol.ts';

it.each([...renderArchitecture(), ...renderProtocol()])('$file is up to date (else: npm run generate)', (image) => {
  expect(image.current).toBe(image.rendered);
});
