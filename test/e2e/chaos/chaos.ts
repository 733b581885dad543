/**
 * `npm run chaos -- [FAULT…]`: makes pods at a steady rate on the cluster of the tests, and something goes wrong meanwhile. Prints
 * what became of the pods, under each failurePolicy; exit code 1 if that is not what the policy says. Without names, it makes all
 * faults, and writes docs/chaos.md. Needs `npm run cluster -- up`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installClockout, replicas } from '../cluster/install.ts';
import { sleep } from '../cluster/progress.ts';
import { api, makeNamespace, meshed, removeNamespaces } from '../cluster/suite/kube.ts';
import { startStream } from '../cluster/suite/stream.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { judge, type Policy, type Result, renderResults } from './result.ts';

const policies: readonly Policy[] = ['Fail', 'Ignore'];
const page = join(import.meta.dirname, '../../../docs/chaos.md');

/** How long pods are made before a fault, and after it, in seconds. */
const [before, usualAfter] = [5, 15];
const perSecond = 5;

const restarts = async (): Promise<number> =>
  (await replicas(api)).reduce((sum, { status }) => sum + status.containerStatuses[0].restartCount, 0);

async function run(fault: Fault, policy: Policy): Promise<Result> {
  await installClockout({ drainSeconds: 10, ...fault.values, webhook: { failurePolicy: { jobs: policy } } });
  const namespace = await makeNamespace(meshed);
  const crashes = await restarts();
  const count = (before + fault.seconds + (fault.after ?? usualAfter)) * perSecond;
  const stream = startStream(namespace, { count, perSecond, ...(fault.pod && { pod: fault.pod }) });
  await stream.until(before);
  const begin = stream.elapsed();
  const mend = await fault.make();
  await sleep(fault.seconds * 1000);
  await mend();
  const end = stream.elapsed();
  const result = judge(fault, policy, await stream.made, { begin, end });
  const more = (await restarts()) - crashes - (fault.name === 'replica-killed' ? 1 : 0);
  if (more > 0) result.wrong.push(`${more} restarts of replicas that nobody killed`);
  return result;
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => faults.every((fault) => fault.name !== name));
  if (unknown.length > 0) {
    console.error(`expected ${faults.map(({ name }) => name).join(', ')}; found ${unknown.join(', ')}`);
    return 2;
  }
  const results: Result[] = [];
  try {
    for (const fault of faults.filter(({ name }) => names.length === 0 || names.includes(name)))
      for (const policy of policies) {
        const result = await run(fault, policy);
        console.log(
          `${fault.name}, ${policy}: ${JSON.stringify(result.counts)}, slowest ${result.slowest.toFixed(2)} s`,
        );
        for (const wrong of result.wrong) console.log(`  ${wrong}`);
        results.push(result);
        if (names.length === 0) writeTable(renderResults(results));
      }
  } finally {
    await removeNamespaces();
    api.close();
  }
  console.log(`\n${renderResults(results)}`);
  return results.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

function writeTable(text: string): void {
  const current = readFileSync(page, 'utf8');
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    page,
    current.replace(/(<!-- results -->\n).*(<!-- \/results -->)/s, `$1\nThe run of ${date}:\n\n${text}\n$2`),
  );
}

process.exitCode = await main(process.argv.slice(2));
