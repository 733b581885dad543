/**
 * Run in a network and a mount namespace of its own (slow-dns.registry.ts): lookups as the webhook has them, at a name server
 * that never answers for *.slow.test. Prints what came of them, as JSON.
 *
 *     node slow-dns.ts SRC FOLDER
 *
 * SRC is the folder of the code to try; files of FOLDER are put in the place of /etc/resolv.conf and /etc/hosts.
 */
import { execFile, execFileSync } from 'node:child_process';
import { lookup as getaddrinfo } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { openLookup as OpenLookup } from '../../../src/commands/setup/lookup.ts';
import type { parseConfig as ParseConfig } from '../../../src/config/parse.ts';
import { makeImage } from '../../oci/content.ts';
import { startDnsServer } from '../../oci/dns/dns-server.ts';
import { serveImages, startServer } from '../../oci/fake-registry.ts';

const [src = '', folder = ''] = process.argv.slice(2);

const replace = (file: string, text: string) => {
  const ours = join(folder, file.replaceAll('/', '-'));
  writeFileSync(ours, text);
  execFileSync('mount', ['--bind', ours, file]);
};
execFileSync('ip', ['link', 'set', 'lo', 'up']);
// As a kubelet writes them, with glibc's own times.
replace(
  '/etc/resolv.conf',
  'nameserver 127.0.0.9\nsearch team.svc.test svc.test\noptions ndots:5 timeout:5 attempts:2\n',
);
replace('/etc/hosts', '127.0.0.1 localhost\n127.0.0.1 registry.hosts\n');

const registry = await startServer(serveImages({ '1': makeImage({ entrypoint: ['/app'] }) }));
const [, port] = registry.host.split(':');
let isSlowAsked = () => {};
const slowAsked = new Promise<void>((resolve) => {
  isSlowAsked = resolve;
});
await startDnsServer(
  (name) => {
    if (name.includes('.slow.test')) {
      isSlowAsked();
      return 'nothing';
    }
    return /^([a-z0-9-]+|registry\.svc)\.test$/.test(name) ? ['127.0.0.1'] : 3;
  },
  { host: '127.0.0.9', port: 53 },
);

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const hosts = [...numbers(50).map((i) => `v${i}.test`), 'registry.hosts', 'registry'];
const env = { CLOCKOUT_REGISTRY_PLAIN_HTTP: hosts.join(','), CLOCKOUT_REGISTRY_TIMEOUT: '20s' };

const { parseConfig }: { parseConfig: typeof ParseConfig } = await import(join(src, 'config/parse.ts'));
const { openLookup }: { openLookup: typeof OpenLookup } = await import(join(src, 'commands/setup/lookup.ts'));
const parsed = parseConfig(env);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
const opened = await openLookup(parsed.value, { answered: () => {}, asked: () => {}, failed: () => {} }, {});
if (!opened.ok) throw new Error(opened.problem.join());

const ask = (image: string, namespace: string) =>
  opened.value.lookup(image, { spec: { containers: [{ name: 'app', image }] } }, { namespace });

for (const i of numbers(40)) void ask(`n${i}.slow.test/app:1`, 'attacker');
await slowAsked;
// The name of the API server is resolved so.
const apiServer = await Promise.race([
  getaddrinfo('api.test.').then(({ address }) => address),
  new Promise((resolve) => setTimeout(resolve, 15_000, 'not in time')),
]);
const victims = await Promise.all(numbers(50).map((i) => ask(`v${i}.test:${port}/app:1`, `team-${i % 5}`)));
const others = await Promise.all(['registry.hosts', 'registry'].map((host) => ask(`${host}:${port}/app:1`, 'team-0')));

const run = promisify(execFile);
const command = ['entrypoint', `registry.hosts:${port}/app:1`, '--output', 'json'];
const cli = await run(process.execPath, [join(src, 'main.ts'), ...command], { env: { ...process.env, ...env } });

const found = (all: readonly { found: boolean }[]) => all.filter((answer) => answer.found).length;
const result = {
  ...{ apiServer, victims: found(victims), inHostsAndSearch: found(others) },
  cli: JSON.parse(cli.stdout).entrypoint,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
