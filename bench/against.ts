/**
 * CPU time of an ordinary review, this checkout against another one in the same process, in turn:
 * `node bench/against.ts DIR`. 1.00 is as fast as DIR, less is slower.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const other = process.argv[2];
if (!other) throw new Error('expected the folder of another checkout');

const names = ['classic-never-args', 'classic-two-containers', 'classic-probes', 'not-injected', 'native'];
const read = (name: string) => readFileSync(new URL(`../test/testdata/pods/${name}.json`, import.meta.url), 'utf8');
const bodies = names.map(read);
const deps = { settings: { version: 'bench', wrapper: { image: 'busybox:1.37.0-musl' } }, onUnwrappable: 'admit' };

type Answer = (body: string) => Promise<unknown>;

async function load(folder: string): Promise<Answer> {
  const { admitReview, reviewToJson = JSON.stringify } = await import(
    pathToFileURL(join(resolve(folder), 'src/admission/review.ts')).href
  );
  return async (body) => {
    const answered = await admitReview(JSON.parse(body), deps);
    // The other checkout may be older, and have the review next to `ok`.
    return reviewToJson((answered.value ?? answered).review);
  };
}

/** Microseconds of CPU for each of the reviews once. */
async function cost(answer: Answer): Promise<number> {
  const rounds = 100;
  const before = process.threadCpuUsage();
  for (let i = 0; i < rounds; i++) for (const body of bodies) await answer(body);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / rounds;
}

const [theirs, ours] = [await load(other), await load(join(import.meta.dirname, '..'))];
let [before, after] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
for (let round = 0; round < 40; round++) {
  const first = round % 2 === 0;
  const [a, b] = [await cost(first ? theirs : ours), await cost(first ? ours : theirs)];
  // The least: on a busy machine, everything else is somebody else's time.
  before = Math.min(before, first ? a : b);
  after = Math.min(after, first ? b : a);
}
console.log(`${names.length} reviews: ${before.toFixed(0)} µs there, ${after.toFixed(0)} µs here`);
console.log(`throughput here / there: ${(before / after).toFixed(3)}`);
