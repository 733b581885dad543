/** Has vitest write a part's report into the file that CI_REPORT names: its tests, and all else that can fail in a run. */
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { type Failure, failureOf, type Report, type Thrown } from './report.ts';

// Vitest calls it with `new`.
export default function makeReporter(): Reporter {
  return {
    onTestRunEnd: (modules, unhandled) => {
      const report = reportOf(modules, unhandled);
      if (process.env.CI_REPORT) writeFileSync(process.env.CI_REPORT, JSON.stringify(report));
    },
  };
}

function reportOf(modules: readonly TestModule[], unhandled: readonly Thrown[]): Report {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state);
  const failed = inState('failed').map((test) => failureOf(test.fullName, test.result().errors ?? []));
  const unfinished = inState('pending').map((test) => failureOf(test.fullName, [{ message: 'it did not end' }]));
  return {
    passed: inState('passed').length,
    skipped: inState('skipped').length,
    failures: [...failed, ...unfinished, ...modules.flatMap(besidesTests), ...unhandled.map(unhandledFailure)],
  };
}

/** A file that can't be loaded, and hooks that fail, are no tests. Never a timeout: no test could be tried again. */
function besidesTests(module: TestModule): Failure[] {
  const places = [{ name: module.relativeModuleId, errors: module.errors() }];
  for (const suite of module.children.allSuites()) places.push({ name: suite.fullName, errors: suite.errors() });
  return places
    .filter(({ errors }) => errors.length > 0)
    .map(({ name, errors }) => ({ ...failureOf(name, errors), isTimeout: false }));
}

const unhandledFailure = (error: Thrown): Failure => ({ ...failureOf('unhandled', [error]), isTimeout: false });
