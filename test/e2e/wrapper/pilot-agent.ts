/**
 * A stand-in for pilot-agent, run as `pilot-agent.ts proxy PORT BEHAVIOUR-AS-JSON DELAY-MS`. Like it, it reaps nobody. With
 * `dies`, it exits when it is asked to, whatever it has answered.
 */
import { setTimeout } from 'node:timers/promises';
import { startProxy } from '../../wrapper/proxy.ts';

const [, , , port = '0', behaviour = '{}', delay = '0'] = process.argv;
process.on('SIGTERM', () => {
  console.log('got TERM');
  process.exit(0);
});
const asked = JSON.parse(behaviour);
console.log('up');
await setTimeout(Number(delay));
if (port === '0') await setTimeout(1e8);
const proxy = await startProxy({ port: Number(port), ...asked });
for (let told = 0; proxy.quits() === 0 || (!asked.dies && (asked.quit ?? 200) !== 200); await setTimeout(5)) {
  const requests = proxy.requests.slice(told);
  told += requests.length;
  if (asked.says) for (const { method, url } of requests) console.log(method, url);
}
await setTimeout(asked.drain ?? 0);
console.log('took the quit');
process.exit(0);
