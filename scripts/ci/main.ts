/** CI: runs its parts, says what failed and what was flaky, and prints `N passed, N failed` last. `.ci/run` starts it. */
import { missing } from './needs.ts';
import { bringUp, choose, type Part, parts, takeDown } from './parts.ts';
import { mostRetries, type Outcome, runPart } from './run-part.ts';

const help = `bash .ci/run [PART…]

Runs all parts, or those that are named:
  ${parts.map(({ name }) => name).join(' ')}

Of the suites that take long it runs the cross-section that test/project/cross-section.ts lists; FULL=1 runs them whole, and the
unit tests over more generated pods. A part that cannot run here says why, and counts as neither passed nor failed. On the
cluster a test that ran out of time is tried once more, alone, where no more than ${mostRetries} did; if it passes then, it is listed as flaky.
`;

type Ran = Outcome & { name: string; seconds: number };

function run(part: Part): Ran {
  console.log(`\n=== ${part.name}: ${part.command.join(' ')}`);
  const start = Date.now();
  const outcome = runPart(part);
  const skipped = part.crossSection ? 0 : outcome.skipped;
  const ran = { ...outcome, skipped, name: part.name, seconds: Math.round((Date.now() - start) / 1000) };
  console.log(`=== ${inWords(ran)}`);
  return ran;
}

/** On the cluster, which comes up before them and goes down after them, however they end. */
function runOnCluster(chosen: Part[]): Ran[] {
  const ran: Ran[] = [];
  let isUp = true;
  for (const part of [...bringUp, ...chosen]) {
    ran.push(isUp ? run(part) : notReached(part));
    if (bringUp.includes(part)) isUp &&= ran.at(-1)?.failures.length === 0;
  }
  return [...ran, run(takeDown)];
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

function summary(all: Ran[]): void {
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

function main(args: string[]): number {
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
  const all = runnable.filter(({ needs }) => needs !== 'cluster').map(run);
  if (onCluster.length > 0) all.push(...runOnCluster(onCluster));
  summary(all);
  // Where nothing could run, nothing is known.
  return all.every(({ failures }) => failures.length === 0) && all.some(({ passed }) => passed > 0) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
