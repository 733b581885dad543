import { expect, it } from 'vitest';
import { renderArchitecture } from '../../scripts/draw-architecture.ts';
import { renderDashboard } from '../../scripts/draw-dashboard.ts';
import { renderProtocol } from '../../scripts/draw-protocol.ts';

it.each([...renderArchitecture(), ...renderProtocol(), ...renderDashboard()])(
  '$file is up to date (else: npm run generate)',
  (image) => {
    expect(image.current).toBe(image.rendered);
  },
);
