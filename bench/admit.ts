/** CPU time of admitting a pod, parse and self-check included, and how it grows with the pod: `npm run bench`. */
import { readFileSync } from 'node:fs';
import { admitReview } from '../src/admission/review.ts';

const settings = { version: 'bench', wrapper: { image: 'busybox:1.37.0-musl' } };
const recorded = JSON.parse(
  readFileSync(new URL('../test/testdata/pods/classic-never-args.json', import.meta.url), 'utf8'),
);

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** The recorded review with `change` made to its pod's spec. */
function review(change: (spec: { containers: Record<string, unknown>[] }) => void): string {
  const body = structuredClone(recorded);
  change(body.request.object.spec);
  return JSON.stringify(body);
}

const app = (i: number) => ({ name: `app-${i}`, image: 'example.com/app:1', command: ['/app', `${i}`] });
const env = (count: number, size: number) => times(count, (i) => ({ name: `NAME_${i}`, value: 'x'.repeat(size) }));

const cases = {
  'injected pod as recorded': review(() => {}),
  '100 containers': review(({ containers }) => containers.push(...times(100, app))),
  '1,000 containers': review(({ containers }) => containers.push(...times(1000, app))),
  '100 env entries': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(100, 20) })),
  '1,000 env entries': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(1000, 20) })),
  '0.3 MiB of env': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(100, 3000) })),
  '3 MiB of env': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(1000, 3000) })),
};

async function admit(body: string): Promise<void> {
  const answer = await admitReview(JSON.parse(body), { settings, onUnwrappable: 'admit' });
  if (!answer.ok || answer.outcome.kind !== 'patched')
    throw new Error(`expected a patch, found ${JSON.stringify(answer)}`);
  JSON.stringify(answer.review);
}

/** Milliseconds of CPU for one admission: the median of several rounds. */
async function cpu(body: string, rounds: number, each: number): Promise<number> {
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < each; i++) await admit(body);
    const { user, system } = process.cpuUsage(before);
    found.push((user + system) / 1000 / each);
  }
  return found.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

console.log(`${'review'.padEnd(28)}${'KiB'.padStart(9)}${'ms of CPU'.padStart(12)}${'ms per KiB'.padStart(12)}`);
for (const [name, body] of Object.entries(cases)) {
  const each = Math.max(3, Math.min(2000, Math.round(4_000_000 / body.length)));
  await cpu(body, 1, each);
  const milliseconds = await cpu(body, 7, each);
  const size = body.length / 1024;
  console.log(
    `${name.padEnd(28)}${size.toFixed(1).padStart(9)}${milliseconds.toFixed(4).padStart(12)}${(milliseconds / size).toFixed(5).padStart(12)}`,
  );
}
