/**
 * `npm run chaos -- [FAULT…]`: makes pods at a steady rate on the cluster of the tests, or sends reviews to a server on loopback, and
 * something goes wrong meanwhile. Prints what became of the pods, under each failurePolicy; exit code 1 if that is not what the policy
 * says. Writes the rows of these faults to docs/chaos.md. Needs `npm run cluster -- up` for those of the cluster.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installClockout, replicas } from '../cluster/install.ts';
import { sleep } from '../cluster/progress.ts';
import { api, makeNamespace, meshed, removeNamespaces } from '../cluster/suite/kube.ts';
import { startStream } from '../cluster/suite/stream.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { runOnLoopback } from './loopback.ts';
import { loopbackFaults } from './loopback-faults.ts';
import { judge, mergeRows, type Policy, type Result, renderResults } from './result.ts';

const policies: readonly Policy[] = ['Fail', 'Ignore'];
const page = join(import.meta.dirname, '../../../docs/chaos.md');

/** How long pods are made before a fault, and after it, in seconds. */
const [before, usualAfter] = [5, 15];
const perSecond = 5;

const restarts = async (): Promise<number> =>
  (await replicas(api)).reduce((sum, { status }) => sum + status.containerStatuses[0].restartCount, 0);

async function run(fault: Fault, policy: Policy): Promise<Result> {
  const prepared = await fault.prepare?.();
  try {
    return await runPrepared({ ...fault, values: { ...fault.values, ...prepared?.values } }, policy);
  } finally {
    await prepared?.end();
  }
}

async function runPrepared(fault: Fault, policy: Policy): Promise<Result> {
  const { webhook, ...values } = fault.values ?? {};
  await installClockout({
    drainSeconds: 10,
    ...values,
    webhook: { ...(webhook as object), failurePolicy: { jobs: policy } },
  });
  const namespace = await makeNamespace(meshed);
  await fault.inNamespace?.(namespace);
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

/** In the order of the page. */
const all = [
  ...faults.map((fault) => ({ fault, run: (policy: Policy) => run(fault, policy) })),
  ...loopbackFaults.map((fault) => ({
    fault,
    run: (policy: Policy) => runOnLoopback(fault, policy, { before, usualAfter }),
  })),
];

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => all.every(({ fault }) => fault.name !== name));
  if (unknown.length > 0) {
    console.error(`expected ${all.map(({ fault }) => fault.name).join(', ')}; found ${unknown.join(', ')}`);
    return 2;
  }
  const results: Result[] = [];
  try {
    for (const each of all.filter(({ fault }) => names.length === 0 || names.includes(fault.name)))
      for (const policy of policies) {
        const result = await each.run(policy);
        console.log(
          `${each.fault.name}, ${policy}: ${JSON.stringify(result.counts)}, slowest ${result.slowest.toFixed(2)} s`,
        );
        for (const wrong of result.wrong) console.log(`  ${wrong}`);
        results.push(result);
        writeTable(results);
      }
  } finally {
    await removeNamespaces();
    api.close();
  }
  console.log(`\n${renderResults(results, today())}`);
  return results.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

const today = () => new Date().toISOString().slice(0, 10);

/** Rows of faults that were not made this time stay. */
function writeTable(results: readonly Result[]): void {
  const current = readFileSync(page, 'utf8');
  const merged = (_: string, start: string, table: string, end: string) =>
    `${start}\n${mergeRows(
      table,
      renderResults(results, today()),
      all.map(({ fault }) => fault.title),
    )}\n${end}`;
  writeFileSync(page, current.replace(/(<!-- results -->\n)(.*)(<!-- \/results -->)/s, merged));
}

process.exitCode = await main(process.argv.slice(2));
