import { describe, expect, it } from 'vitest';
import { createIsListed } from '../../../src/oci/http/listed-hosts.ts';

const settings = {
  plainHttp: ['127.0.0.1:5000', 'localhost', '[::1]:5000', 'secure.example:443'],
  trustedRealms: ['tokens.example.com'],
  mirrors: [{ prefix: 'docker.io/library', locations: ['169.254.20.10:5000/hub', 'mirror.local', '[fd00::1]/x'] }],
};
const isListed = createIsListed(settings);

describe('the settings name', () => {
  it.each([
    'http://127.0.0.1:5000/v2/',
    'https://127.0.0.1:5000/v2/',
    'http://127.1:5000/v2/',
    'http://localhost/',
    'https://localhost:9090/',
    'http://[::1]:5000/',
    'https://secure.example/',
    'https://tokens.example.com:8443/',
    'https://169.254.20.10:5000/',
    'https://mirror.local/',
    'https://[fd00::1]/',
    'https://docker.io/',
  ])('%s', (url) => expect(isListed(new URL(url))).toBe(true));

  it('addresses without brackets, as undici passes them on', () => {
    expect(isListed({ protocol: 'http:', hostname: '::1', port: '5000' })).toBe(true);
    expect(isListed({ protocol: 'http:', hostname: '::1', port: '5001' })).toBe(false);
  });
});

describe('the settings do not name', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.0.0.1:5001/',
    'http://127.0.0.2:5000/',
    'http://[::1]/',
    'http://secure.example/',
    'https://169.254.20.10/',
    'https://library/',
  ])('%s', (url) => expect(isListed(new URL(url))).toBe(false));

  it('anything where there are none', () => expect(createIsListed({})(new URL('http://localhost/'))).toBe(false));
});
