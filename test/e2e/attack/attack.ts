/**
 * Searches for the pod that costs a build's server most: `npm run attack -- [--cpu-seconds 600] [--build dist] [--seed 1]`.
 * It begins with the recorded pods, the recipes in seeds/ and those that earlier runs left in finds/. Exit code 1 if one
 * review costs more than the bound.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { aboveZero, exitOnWrongUse, integer } from '../../../scripts/tool-options.ts';
import { mutate, randomFrom } from './mutate.ts';
import { fitted, makeReview, type Recipe } from './recipe.ts';
import { startVictim, type Victim } from './victim.ts';

/** Milliseconds of CPU for one review. */
const bound = 250;

type Find = { recipe: Recipe; cpu: number; podBytes: number; status: number };

type Flags = { cpuSeconds: number; build: string; seed: number };

const flags = new Command('attack')
  .description("looks for the pod that costs a build's server most; exit code 1 if one is over the bound")
  .option('--cpu-seconds <n>', 'CPU time of the search', aboveZero, 600)
  .option('--build <dir>', 'the build to attack', join(import.meta.dirname, '../../../dist'))
  .option('--seed <n>', 'of the mutations', integer, 1)
  .exitOverride(exitOnWrongUse)
  .parse()
  .opts<Flags>();
const budget = flags.cpuSeconds * 1000;
const random = randomFrom(flags.seed);
const seedFolder = join(import.meta.dirname, 'seeds');
const findFolder = join(import.meta.dirname, 'finds');
mkdirSync(findFolder, { recursive: true });

let victim: Victim | undefined;
/** Of servers, and of the search itself. */
let serversCpu = 0;
const spent = () => serversCpu + (process.cpuUsage().user + process.cpuUsage().system) / 1000;
let tries = 0;
const pool: Find[] = [];
for (const recipe of [...recordedPods(), ...recipesIn(seedFolder), ...recipesIn(findFolder)]) await consider(recipe);
while (spent() < budget) await consider(fitted(mutate(pickOne(), pickOne(), random)));

const worst = await confirm();
await victim?.stop();
for (const { recipe, cpu } of pool.slice(0, 10)) keep(recipe, cpu);
writeFileSync(join(findFolder, 'worst-review.json'), makeReview(worst.recipe).body);
console.log(`\n${tries} pods in ${Math.round(spent() / 1000)} s of CPU; the worst:`);
console.log(`${describe(worst)}\n${JSON.stringify(worst.recipe)}`);
console.log(`the review stands in ${join(findFolder, 'worst-review.json')}`);
process.exitCode = worst.cpu > bound ? 1 : 0;
console.log(worst.cpu > bound ? `over the bound of ${bound} ms` : `within the bound of ${bound} ms`);

function recordedPods(): Recipe[] {
  const names = readdirSync(join(import.meta.dirname, '../../testdata/pods'));
  return names.map((name) => ({ pod: name.replace(/\.json$/, ''), set: {} }));
}

function recipesIn(folder: string): Recipe[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'worst-review.json');
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/** The better ones more often. */
function pickOne(): Recipe {
  const index = Math.floor(random() ** 2 * pool.length) % pool.length;
  return pool[index]?.recipe ?? { pod: 'classic-never-args', set: {} };
}

async function measure(recipe: Recipe): Promise<Find> {
  const { body, podBytes } = makeReview(recipe);
  victim ??= await warm(await startVictim(flags.build));
  const { cpu, status, gaveUp } = await victim.cost(body);
  if (gaveUp) {
    await victim.stop();
    victim = undefined;
  }
  serversCpu += cpu;
  return { recipe, cpu, podBytes, status };
}

/** As a server does after some minutes: with its hot functions compiled. */
async function warm(started: Victim): Promise<Victim> {
  const bodies = recordedPods().map((recipe) => makeReview(recipe).body);
  for (const body of Array(10).fill(bodies).flat()) serversCpu += (await started.cost(body)).cpu;
  return started;
}

async function consider(recipe: Recipe): Promise<void> {
  tries++;
  let find = await measure(recipe);
  const best = pool[0]?.cpu ?? 0;
  // Garbage of the one before may have been collected meanwhile: what looks like a record has to be one twice.
  if (find.cpu > best && find.cpu < 2 * bound) find = { ...find, cpu: Math.min(find.cpu, (await measure(recipe)).cpu) };
  if (find.cpu > best) console.log(`${Math.round(spent() / 1000)} s: ${describe(find)} ${summary(recipe)}`);
  pool.push(find);
  pool.sort((a, b) => b.cpu - a.cpu);
  pool.length = Math.min(pool.length, 60);
}

/** The worst of the candidates by the median of five. */
async function confirm(): Promise<Find> {
  const found: Find[] = [];
  for (const { recipe } of pool.slice(0, 8)) {
    const rounds: Find[] = [];
    for (let i = 0; i < 5 && (rounds[0]?.cpu ?? 0) < 2 * bound; i++) rounds.push(await measure(recipe));
    found.push(rounds.sort((a, b) => a.cpu - b.cpu)[Math.floor(rounds.length / 2)] as Find);
  }
  return found.sort((a, b) => b.cpu - a.cpu)[0] as Find;
}

function keep(recipe: Recipe, cpu: number): void {
  const text = `${JSON.stringify(recipe, null, 2)}\n`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  writeFileSync(join(findFolder, `${Math.round(cpu)}ms-${hash}.json`), text);
}

function describe({ cpu, podBytes, status, recipe }: Find): string {
  return `${cpu.toFixed(0)} ms of CPU, ${(podBytes / 1024).toFixed(1)} KiB, answered ${status || 'nothing'}, from ${recipe.pod}`;
}

function summary({ set }: Recipe): string {
  const text = JSON.stringify(set);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
