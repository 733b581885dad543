/**
 * `npm run conformance`: the promise, case by case, on the test cluster and in process namespaces. `-- --repeat 10` runs
 * the whole ten times and stops at the first failure, `--only TEXT` takes the cases whose name or title has that text. A
 * complete run in which all passed brings docs/conformance.md up to date.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { moduleVersion } from '../test/e2e/cluster/binaries.ts';
import { page, renderPage } from '../test/e2e/conformance/page.ts';
import { isCrossSection } from '../test/project/cross-section.ts';
import { runners } from './conformance-runners.ts';
import { fromOneOn } from './tool-options.ts';

const project = resolve(import.meta.dirname, '..');

/** What a case came to, as vitest reports it. */
type Result = { name: string; passed: boolean; seen: string; failure: string };

function main({ repeat, only }: { repeat: number; only?: string }): boolean {
  for (let run = 1; run <= repeat; run++) {
    const start = Date.now();
    const results = Object.entries(runners).flatMap(([part, runner]) => runPart(part, runner, only));
    const failed = results.filter(({ passed }) => !passed);
    for (const { name, failure } of failed) console.log(`failed: ${name}: ${failure}`);
    const seconds = Math.round((Date.now() - start) / 1000);
    const counts = `${results.length - failed.length} passed, ${failed.length} failed in ${seconds} s`;
    console.log(`\nconformance, run ${run} of ${repeat}: ${counts}`);
    if (failed.length > 0 || results.length === 0) return false;
    if (only === undefined && !isCrossSection) writePage(results);
  }
  return true;
}

/** The results of one part; a part that breaks off counts as a failed case. */
function runPart(part: string, runner: string[], only: string | undefined): Result[] {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-conformance-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`];
  const filter = only === undefined ? [] : ['--testNamePattern', literal(only)];
  try {
    const [program = '', ...args] = [...runner, ...reporters, ...filter];
    const { status } = spawnSync(program, args, { cwd: project, stdio: 'inherit' });
    const results = readResults(file);
    const broken = status !== 0 && results.every(({ passed }) => passed);
    return broken ? [...results, { name: part, passed: false, seen: '', failure: 'the run broke off' }] : results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As a pattern, the text itself. */
const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function readResults(file: string): Result[] {
  type Assertion = { title: string; status: string; meta: { seen?: string }; failureMessages: string[] };
  let report: { testResults: { assertionResults: Assertion[] }[] };
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return [{ name: 'results', passed: false, seen: '', failure: 'expected a report from vitest' }];
  }
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ title, status, meta, failureMessages }) => ({
      name: title.slice(0, title.indexOf(':')),
      passed: status === 'passed',
      seen: meta.seen ?? '',
      failure: failureMessages[0]?.split('\n')[0] ?? '',
    }));
}

function writePage(results: Result[]): void {
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const versions = {
    Kubernetes: moduleVersion('kubernetes', 'k8s.io/kubernetes'),
    Istio: moduleVersion('istio', 'istio.io/istio'),
    Clockout: `v${version}`,
  };
  const seen = Object.fromEntries(results.map(({ name, seen }) => [name, seen]));
  writeFileSync(page, renderPage(seen, versions));
}

const program = new Command('conformance')
  .description('every shape of Job and every end, on a real cluster and in process namespaces')
  .option('--repeat <n>', 'run it so often, until one fails', fromOneOn, 1)
  .option('--only <text>', 'only cases with this in their name or title')
  .parse();
process.exitCode = main(program.opts()) ? 0 : 1;
