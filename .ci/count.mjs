/** Prints how many tests of a report passed and failed, and adds what failed, with why, to a file: REPORT PART FILE. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const [file, part, failures] = process.argv.slice(2);
const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const { numPassedTests = 0, numFailedTests = 0 } = report;

function failed(name, why) {
  const lines = why.trim().split('\n').slice(0, 12);
  appendFileSync(failures, [`${part}: ${name}`, ...lines.map((line) => `  ${line.slice(0, 300)}`), ''].join('\n'));
}

// vitest's
for (const { name, status, message, assertionResults } of report.testResults ?? []) {
  const tests = assertionResults.filter((test) => test.status === 'failed');
  for (const { fullName, failureMessages } of tests) failed(fullName, failureMessages.join('\n'));
  // A file that can't be loaded, or whose hooks fail, has no test that failed.
  if (status === 'failed' && tests.length === 0) failed(name, message);
}
// the conformance suite's
for (const { name, failure } of (report.results ?? []).filter(({ passed }) => !passed)) failed(name, failure);

console.log(numPassedTests, numFailedTests);
