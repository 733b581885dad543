/** CI: runs its parts, lists what failed and what was flaky, and prints `N passed, N failed` last. `.ci/run` starts it. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing } from './needs.ts';
import { bringUp, choose, type Part, parts, takeDown } from './parts.ts';
import { mostRetries, type Outcome, runOnce, runPart } from './run-part.ts';

const help = `bash .ci/run [PART…]

Runs all parts, or the parts that you name:
  ${parts.map(({ name }) => name).join(' ')}

It runs a cross-section of the longest suites, which test/project/cross-section.ts lists. FULL=1 runs them whole, and the unit
tests over more generated pods. A part that can't run on this machine says why, and counts as neither passed nor failed. If a
test on the cluster runs out of time, it runs a second time, alone, unless more than ${mostRetries} did. If it passes then, it is
listed as flaky. A part that takes far too long is ended, and counts as failed. SIGINT and SIGTERM end the parts that
run, and take the cluster down. The tests of the chart and the registry run at the same time as those of the wrapper. CI
prints the output of each when it ends.
`;

type Ran = Outcome & { name: string; seconds: number };

/** Aborted by the signal that ends CI. */
const stop = new AbortController();

/** @param how `quiet`: prints the output when the part has ended, so that it does not mix with that of another part */
async function run(part: Part, { signal = stop.signal, quiet = false } = {}): Promise<Ran> {
  console.log(`\n=== ${part.name}: ${part.command.join(' ')}`);
  const start = Date.now();
  const printed = quiet ? keepOutput() : undefined;
  const options = { stop: signal, output: printed?.file ?? ('inherit' as const) };
  const outcome = await runPart(part, (part, test) => runOnce(part, { test, ...options }));
  printed?.print();
  const skipped = part.crossSection ? 0 : outcome.skipped;
  const ran = { ...outcome, skipped, name: part.name, seconds: Math.round((Date.now() - start) / 1000) };
  console.log(`=== ${inWords(ran)}`);
  return ran;
}

function keepOutput() {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-ci-'));
  const path = join(folder, 'output');
  const file = openSync(path, 'w');
  return {
    file,
    print: () => {
      closeSync(file);
      process.stdout.write(readFileSync(path));
      rmSync(folder, { recursive: true });
    },
  };
}

async function runInTurn(chosen: Part[], quiet = false): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const part of chosen) if (!stop.signal.aborted) ran.push(await run(part, { quiet }));
  return ran;
}

async function runHere(chosen: Part[]): Promise<Ran[]> {
  const inLane = (lane: Part['lane']) => chosen.filter((part) => part.lane === lane);
  const [waiting, computing] = [inLane('waiting'), inLane('computing')];
  const alone = await runInTurn(inLane(undefined));
  const beside = await Promise.all([runInTurn(waiting), runInTurn(computing, waiting.length > 0)]);
  return [...alone, ...beside.flat()];
}

/** Brings the cluster up first, and takes it down at the end, also after a failure or a signal. */
async function runOnCluster(chosen: Part[]): Promise<Ran[]> {
  const ran = await runInTurn(bringUp);
  const isUp = ran.length === bringUp.length && ran.every(({ failures }) => failures.length === 0);
  ran.push(...(isUp || stop.signal.aborted ? await runInTurn(chosen) : chosen.map(notReached)));
  return [...ran, await run(takeDown, { signal: new AbortController().signal })];
}

const notReached = ({ name }: Part): Ran => ({
  name,
  seconds: 0,
  passed: 0,
  skipped: 0,
  failures: [{ name: 'the run', why: 'the cluster did not come up', isTimeout: false }],
  flaky: [],
});

const inWords = ({ name, passed, failures, seconds }: Ran): string =>
  `${name}: ${passed} passed, ${failures.length} failed in ${seconds} s`;

function printSummary(all: Ran[]): void {
  const failures = all.flatMap(({ name: part, failures }) => failures.map((failure) => ({ part, ...failure })));
  const sum = (count: (ran: Ran) => number) => all.reduce((total, ran) => total + count(ran), 0);
  console.log(`\n=== What it took:\n${all.map(inWords).join('\n')}`);
  if (failures.length > 0) console.log('\n=== What failed:');
  for (const { part, name, why } of failures) console.log(`${part}: ${name}\n${excerpt(why)}`);
  for (const { name: part, flaky } of all) for (const name of flaky) console.log(`\nflaky: ${part}: ${name}`);
  const skipped = sum((ran) => ran.skipped);
  console.log(
    `\n${sum((ran) => ran.passed)} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
}

const excerpt = (why: string): string =>
  why
    .trim()
    .split('\n')
    .slice(0, 12)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join('\n');

/** @returns the exit code */
async function main(args: string[]): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(help);
    return 0;
  }
  const { chosen, unknown } = choose(args);
  if (unknown.length > 0) {
    console.error(`expected parts of CI, found ${unknown.join(', ')}\n\n${help}`);
    return 2;
  }
  const runnable = chosen.filter(({ name, needs }) => {
    const why = missing(needs);
    if (why) console.log(`=== ${name}: not run, since ${why}`);
    return why === undefined;
  });
  const onCluster = runnable.filter(({ needs }) => needs === 'cluster');
  const all = await runHere(runnable.filter(({ needs }) => needs !== 'cluster'));
  if (onCluster.length > 0 && !stop.signal.aborted) all.push(...(await runOnCluster(onCluster)));
  printSummary(all);
  if (stop.signal.aborted) return 128 + constants.signals[stop.signal.reason as NodeJS.Signals];
  // If nothing could run, nothing is known.
  return all.every(({ failures }) => failures.length === 0) && all.some(({ passed }) => passed > 0) ? 0 : 1;
}

// A second signal ends it at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
process.exitCode = await main(process.argv.slice(2));
