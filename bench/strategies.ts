/** CPU time of a whole review by strategy, asked in turn in one run, and the size of its answer: `node bench/strategies.ts`. */
import { readFileSync } from 'node:fs';
import { admitReview, reviewToJson } from '../src/admission/review.ts';
import { median } from './servers.ts';

const wrap = { version: 'bench', wrapper: { image: 'busybox:1.37.0-musl' } };
const versions = { apiServer: 35, oldestNode: 35 };
const strategies = { strategy: 'native', nativeFrom: 33, clusterVersions: () => versions } as const;
const ways = { wrap, native: { ...wrap, strategies } };
const names = ['classic-never-args', 'classic-two-containers', 'classic-probes', 'classic-istio-init'];
const rounds = 60;
const reviews = 200;

async function answer(body: string, settings: typeof wrap): Promise<string> {
  const answered = await admitReview(JSON.parse(body), { settings, onUnwrappable: 'admit' });
  if (!answered.ok) throw new Error(answered.problem);
  return reviewToJson(answered.value.review).toString();
}

/** Milliseconds of CPU for one review. */
async function cost(body: string, settings: typeof wrap): Promise<number> {
  const before = process.threadCpuUsage();
  for (let i = 0; i < reviews; i++) await answer(body, settings);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / reviews;
}

for (const name of names) {
  const body = readFileSync(new URL(`../test/testdata/pods/${name}.json`, import.meta.url), 'utf8');
  const costs: Record<keyof typeof ways, number[]> = { wrap: [], native: [] };
  for (let round = -rounds / 2; round < rounds; round++)
    for (const way of round % 2 === 0 ? (['wrap', 'native'] as const) : (['native', 'wrap'] as const)) {
      const milliseconds = await cost(body, ways[way]);
      // The first rounds only compile.
      if (round >= 0) costs[way].push(milliseconds);
    }
  const [wrapped, converted] = [median(costs.wrap), median(costs.native)];
  const size = async (way: keyof typeof ways) => `${((await answer(body, ways[way])).length / 1024).toFixed(1)} KiB`;
  console.log(
    `${name}: wrapped ${wrapped.toFixed(4)} ms, ${await size('wrap')}; native ${converted.toFixed(4)} ms, ${await size('native')}; ` +
      `throughput native / wrapped: ${median(costs.native.map((own, i) => (costs.wrap[i] ?? Number.NaN) / own)).toFixed(2)}`,
  );
}
