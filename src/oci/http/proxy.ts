/**
 * Whether a request goes through a proxy, by the rules of Go's programs: the kubelet, the container runtime and Clockout
 * are given the same variables, and should read them alike.
 * @see https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 */
import { BlockList, isIP } from 'node:net';

/** URLs of proxies for http and https, and the hosts that are asked directly. */
export type ProxySettings = { http?: string; https?: string; no?: string };

/** From HTTP_PROXY, HTTPS_PROXY and NO_PROXY, or the same in lower case. */
export function proxyFromEnvironment(environment: Record<string, string | undefined>): ProxySettings {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()];
  const [http, https, no] = [read('HTTP_PROXY'), read('HTTPS_PROXY'), read('NO_PROXY')];
  return { ...(http && { http }), ...(https && { https }), ...(no && { no }) };
}

/**
 * | in NO_PROXY                    | asked directly |
 * |--------------------------------|----------------|
 * | `*`                            | everything |
 * | `example.com`                  | it, and all names below it |
 * | `.example.com`, `*.example.com`| the names below it |
 * | `10.0.0.1`, `10.0.0.0/8`       | that address, those addresses |
 * | any but the last with `:port`  | that port only |
 *
 * This machine itself is never asked through a proxy.
 */
export function bypassesProxy({ protocol, hostname, port }: URL, no: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (host === 'localhost' || contains('127.0.0.0/8', host) || host === '::1') return true;
  const actualPort = port || (protocol === 'https:' ? '443' : '80');
  const entries = no
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim());
  return entries.some((entry) => entry === '*' || contains(entry, host) || matchesName(entry, host, actualPort));
}

// --- internal ---

function contains(range: string, host: string): boolean {
  const [network = '', prefix = ''] = range.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (!isIP(network) || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family);
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

function matchesName(entry: string, host: string, actualPort: string): boolean {
  const [, before = '', port] = /^(.*):(\d+)$/.exec(entry) ?? [];
  // The last part of an IPv6 address is not a port.
  const hasPort = port !== undefined && (!before.includes(':') || before.endsWith(']'));
  if (hasPort && port !== actualPort) return false;
  const name = (hasPort ? before : entry).replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '');
  if (name === '') return false;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}
