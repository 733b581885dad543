/** Runs a part of CI, counts its tests, and runs those that ran out of time a second time. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { literal } from '../../test/project/cross-section.ts';
import type { Part } from './parts.ts';
import type { Report } from './report.ts';
import { type Ended, type Limits, runProcess } from './run-process.ts';

export type Outcome = Report & {
  /** Names of the tests that passed on their second try only. */
  flaky: string[];
};

/** More timeouts than this are not an accident, and each try costs minutes. */
export const mostRetries = 5;

export type Run = (part: Part, test?: string) => Promise<Report>;

/** @param run runs the part, or only the test with the given name */
export async function runPart(part: Part, run: Run): Promise<Outcome> {
  const report = await run(part);
  const timeouts = report.failures.filter(({ isTimeout }) => isTimeout);
  const isBrokenOff = report.failures.some(({ name }) => name === wholeRun);
  if (!part.retries || isBrokenOff || timeouts.length > mostRetries) return { ...report, flaky: [] };
  const flaky: Report['failures'] = [];
  for (const failure of timeouts) {
    console.log(`\n=== ${part.name}: second try, alone: ${failure.name}`);
    const { passed, failures } = await run(part, failure.name);
    if (passed > 0 && failures.length === 0) flaky.push(failure);
  }
  return {
    ...report,
    passed: report.passed + flaky.length,
    failures: report.failures.filter((failure) => !flaky.includes(failure)),
    flaky: flaky.map(({ name }) => name),
  };
}

export type RunOptions = Pick<Limits, 'stop' | 'grace'> &
  Partial<Pick<Limits, 'output'>> & { test?: string | undefined };

/**
 * Runs it, and prints what it prints. A run that breaks off or tests nothing has failed.
 * @param test the name of the only test to run, as a report gives it
 */
export async function runOnce(
  { command, minutes, vitest, crossSection }: Part,
  { test, output = 'inherit', stop, grace }: RunOptions,
): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-ci-'));
  const file = join(folder, 'report.json');
  try {
    const argv = [...command, ...(vitest ? vitestArguments(test) : [])];
    const isCrossSection = crossSection && process.env.FULL !== '1';
    const env = { ...process.env, CI_REPORT: file, CROSS_SECTION: isCrossSection ? '1' : '' };
    const ended = await runProcess(argv, { env, output, minutes, stop, grace });
    const report = vitest ? tryRead(file) : { passed: ended.status === 0 ? 1 : 0, skipped: 0, failures: [] };
    return { ...report, failures: [...report.failures, ...brokenOff(report, ended)] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function vitestArguments(test: string | undefined): string[] {
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'reporter.ts')}`];
  return test === undefined ? reporters : [...reporters, `--testNamePattern=^${literal(test)}$`];
}

/** If there is no report, or half of one, the run broke off. */
function tryRead(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, skipped: 0, failures: [] };
  }
}

/** The name of the failure of a run that broke off. */
const wholeRun = 'the run';

function brokenOff({ passed, failures }: Report, { status, how, isBrokenOff }: Ended): Report['failures'] {
  if (!isBrokenOff && (failures.length > 0 || (status === 0 && passed > 0))) return [];
  const why = status === 0 ? 'expected a report with a test that passed' : how;
  return [{ name: wholeRun, why, isTimeout: false }];
}
