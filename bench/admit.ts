/** CPU time of admitting a pod, parse and self-check included, and how it grows with the pod: `npm run bench`. */
import { readFileSync } from 'node:fs';
import { admitPod } from '../src/admission/admit.ts';
import { decodePod } from '../src/admission/decode-pod.ts';
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
  '190 containers': review(({ containers }) => containers.push(...times(190, app))),
  '100 env entries': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(100, 20) })),
  '1,000 env entries': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(1000, 20) })),
  '0.3 MiB of env': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(100, 3000) })),
  '3 MiB of env': review(({ containers }) => Object.assign(containers[0] ?? {}, { env: env(1000, 3000) })),
};

async function admit(body: string): Promise<void> {
  const pod = decodePod(JSON.parse(body).request.object);
  const outcome = pod.ok ? await admitPod(pod.value, { from: 'server' }, settings) : undefined;
  if (outcome?.kind !== 'patched') throw new Error(`expected a patch, found ${outcome?.kind}`);
}

async function answer(body: string): Promise<void> {
  const answered = await admitReview(JSON.parse(body), { settings, onUnwrappable: 'admit' });
  if (!answered.ok) throw new Error(answered.problem);
  JSON.stringify(answered.value.review);
}

/** Milliseconds of CPU for one piece of work: the median of several rounds. */
async function cpu(body: string, rounds: number, each: number, work: (body: string) => unknown): Promise<number> {
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < each; i++) await work(body);
    const { user, system } = process.cpuUsage(before);
    found.push((user + system) / 1000 / each);
  }
  return found.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

/** `admitPod` parses and checks its own work; `review` is the whole answer, with the patch as base64 of JSON. */
const works = { 'JSON.parse': JSON.parse, admitPod: admit, review: answer };

const row = (name: string, cells: string[]) =>
  console.log(name.padEnd(26) + cells.map((cell) => cell.padStart(12)).join(''));

row('ms of CPU', ['KiB', ...Object.keys(works)]);
for (const [name, body] of Object.entries(cases)) {
  const each = Math.max(3, Math.min(2000, Math.round(4_000_000 / body.length)));
  // As a server does after some minutes: with its hot functions compiled.
  const warm = performance.now() + 2000;
  while (performance.now() < warm) await answer(body);
  const cells = [(body.length / 1024).toFixed(1)];
  for (const work of Object.values(works)) cells.push((await cpu(body, 11, each, work)).toFixed(4));
  row(name, cells);
}
