import { describe, expect, it } from 'vitest';
import { bypassesProxy, proxyFromEnvironment } from '../../../src/oci/http/proxy.ts';

describe('a request goes straight', () => {
  it.each([
    ['*', 'https://ghcr.io'],
    ['ghcr.io', 'https://ghcr.io'],
    ['GHCR.io', 'https://ghcr.io'],
    ['example.com', 'https://registry.example.com'],
    ['.example.com', 'https://registry.example.com'],
    ['*.example.com', 'https://registry.example.com'],
    [' a , example.com ', 'https://example.com.'],
    ['example.com:443', 'https://example.com'],
    ['example.com:5000', 'https://example.com:5000'],
    ['10.0.0.1', 'https://10.0.0.1:5000'],
    ['10.0.0.1:5000', 'https://10.0.0.1:5000'],
    ['10.0.0.0/8', 'https://10.1.2.3:5000'],
    ['::2', 'https://[::2]:5000'],
    ['[::2]:5000', 'https://[::2]:5000'],
    ['fd00::/8', 'https://[fd12::1]'],
    ['', 'https://localhost:5000'],
    ['', 'http://127.0.0.2:5000'],
    ['', 'http://[::1]:5000'],
  ])('NO_PROXY=%s: %s', (no, url) => expect(bypassesProxy(new URL(url), no)).toBe(true));

  it.each([
    ['', 'https://ghcr.io'],
    [',', 'https://ghcr.io'],
    ['io', 'https://ghcr.example'],
    ['ample.com', 'https://example.com'],
    ['.example.com', 'https://example.com'],
    ['*.example.com', 'https://example.com'],
    ['example.com:5000', 'https://example.com'],
    ['example.com:80', 'https://example.com'],
    ['10.0.0.1:5000', 'https://10.0.0.1'],
    ['10.0.0.0/8', 'https://11.0.0.1'],
    ['10.0.0.0/99', 'https://10.0.0.1'],
    ['10.0.0.0/', 'https://10.0.0.1'],
    ['::2', 'https://[::3]'],
    ['[::2]:5000', 'https://[::2]'],
    [':443', 'https://ghcr.io'],
    ['10.0.0.0/8', 'https://ten.example'],
    ['fd00::/8', 'https://[fe00::1]'],
    ['[', 'https://ghcr.io'],
    ['', 'https://localhost.example'],
  ])('and not with NO_PROXY=%s: %s', (no, url) => expect(bypassesProxy(new URL(url), no)).toBe(false));
});

describe('the environment', () => {
  it.each([
    [{}, {}],
    [
      { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a' },
      { https: 'http://p:1', no: 'a' },
    ],
    [
      { http_proxy: 'http://p:1', https_proxy: 'http://p:2', no_proxy: 'a' },
      { http: 'http://p:1', https: 'http://p:2', no: 'a' },
    ],
    [{ HTTPS_PROXY: '', https_proxy: 'http://p:2' }, { https: 'http://p:2' }],
    [{ HTTPS_PROXY: 'http://p:1', https_proxy: 'http://p:2' }, { https: 'http://p:1' }],
  ])('%j', (environment, settings) => expect(proxyFromEnvironment(environment)).toEqual(settings));
});
