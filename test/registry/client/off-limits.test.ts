import { expect, it } from 'vitest';
import { isOffLimits } from '../../../src/registry/client/off-limits.ts';

it.each([
  ['http://registry.example', 'http://127.0.0.1:8080/'],
  ['http://registry.example', 'http://127.9.9.9/'],
  ['http://registry.example', 'http://2130706433/'],
  ['http://registry.example', 'http://0/'],
  ['http://registry.example', 'http://[::1]/'],
  ['http://registry.example', 'http://[::ffff:127.0.0.1]/'],
  ['http://registry.example', 'http://localhost:9090/'],
  ['http://registry.example', 'http://a.localhost./'],
  ['http://registry.example', 'http://169.254.169.254/'],
  ['http://registry.example', 'http://[fe80::1]/'],
  ['https://registry.example', 'https://metadata.google.internal./'],
  ['http://127.0.0.1:5000', 'http://169.254.169.254/'],
  ['http://169.254.1.1', 'http://169.254.169.254/'],
])('%s may not send us to %s', (from, to) => expect(isOffLimits(new URL(to), new URL(from))).toBe(true));

it.each([
  ['https://registry.example', 'https://storage.example/'],
  ['https://registry.example', 'https://10.0.0.1/'],
  ['https://registry.example', 'https://notlocalhost/'],
  ['https://registry.example', 'https://127.0.0.1.example/'],
  ['http://127.0.0.1:5000', 'http://127.0.0.1:5001/'],
  ['http://localhost:5000', 'http://127.0.0.1:5001/'],
  ['http://169.254.1.1:5000', 'http://169.254.1.1/'],
])('%s may send us to %s', (from, to) => expect(isOffLimits(new URL(to), new URL(from))).toBe(false));
