/** Runs a part, counts its tests, and gives those that ran out of time their second try. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { literal } from '../../test/project/cross-section.ts';
import type { Part } from './parts.ts';
import type { Report } from './report.ts';

export type Outcome = Report & {
  /** Names of the tests that passed on their second try only. */
  flaky: string[];
};

/** More timeouts than that are no accident, and each try costs minutes. */
export const mostRetries = 5;

/** Prints what the part prints. @param run is given the name of the only test to run, if it is to be just one */
export function runPart(part: Part, run: (part: Part, test?: string) => Report = runOnce): Outcome {
  const report = run(part);
  const timeouts = report.failures.filter(({ isTimeout }) => isTimeout);
  if (!part.retries || timeouts.length > mostRetries) return { ...report, flaky: [] };
  const flaky = timeouts.filter(({ name }) => {
    console.log(`\n=== ${part.name}: second try, alone: ${name}`);
    const { passed, failures } = run(part, name);
    return passed > 0 && failures.length === 0;
  });
  return {
    ...report,
    passed: report.passed + flaky.length,
    failures: report.failures.filter((failure) => !flaky.includes(failure)),
    flaky: flaky.map(({ name }) => name),
  };
}

const project = resolve(import.meta.dirname, '../..');

/** A run that broke off, and one that tested nothing, has failed. @param test as its report names it */
export function runOnce(
  { command, vitest, crossSection }: Part,
  test?: string,
  output: 'inherit' | 'ignore' = 'inherit',
): Report {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-ci-'));
  const file = join(folder, 'report.json');
  try {
    const [program = '', ...args] = [...command, ...(vitest ? vitestArguments(test) : [])];
    const { status, signal, error } = spawnSync(program, args, {
      cwd: project,
      stdio: ['ignore', output, output],
      env: { ...process.env, CI_REPORT: file, CROSS_SECTION: crossSection && process.env.FULL !== '1' ? '1' : '' },
    });
    const report = vitest ? tryRead(file) : { passed: status === 0 ? 1 : 0, skipped: 0, failures: [] };
    const ended = error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`);
    return { ...report, failures: [...report.failures, ...brokenOff(report, status, ended)] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function vitestArguments(test: string | undefined): string[] {
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'reporter.ts')}`];
  return test === undefined ? reporters : [...reporters, `--testNamePattern=^${literal(test)}$`];
}

/** Where there is no report, or half of one, the run broke off. */
function tryRead(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, skipped: 0, failures: [] };
  }
}

function brokenOff({ passed, failures }: Report, status: number | null, ended: string): Report['failures'] {
  if (failures.length > 0 || (status === 0 && passed > 0)) return [];
  const why = status === 0 ? 'expected a report with a test that passed' : ended;
  return [{ name: 'the run', why, isTimeout: false }];
}
