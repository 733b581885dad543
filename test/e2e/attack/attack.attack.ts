/**
 * Each attack of the table, on a server of its own in the chart's memory limit, with a good client besides.
 * `CLOCKOUT_BUILD=path/to/clockout.mjs npm run test:attack` attacks another build, `-t WORDS` takes some attacks. All times
 * are those of clock.ts, which a busy machine does not stretch.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { crossSection, isCrossSection } from '../../project/cross-section.ts';
import { attacks } from './attacks.ts';
import type { Meeting } from './good-client.ts';
import type { Answers } from './load.ts';
import { limitMebibytes, startTarget, type Target } from './target.ts';

const build = resolve(process.env.CLOCKOUT_BUILD ?? 'dist/clockout.mjs');

const chosen = attacks.filter(({ name }) => !isCrossSection || crossSection.attack.includes(name));

/** A line for each attack, for whoever wants the figures. */
function report(line: object): void {
  const file = process.env.CLOCKOUT_ATTACK_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

function run({ webhook, metrics, pid }: Target, name: string, ...args: string[]): ChildProcess {
  const script = join(import.meta.dirname, name);
  const of = [...args, webhook.href, metrics.href, `${pid}`];
  return spawn(process.execPath, [script, ...of], { stdio: ['pipe', 'pipe', 'inherit'] });
}

const outputOf = async <T>({ stdout }: ChildProcess): Promise<T> => JSON.parse(stdout ? await text(stdout) : '') as T;

describe(`under the attacks ${build}`, () => {
  // Not `it.each`, which cuts names.
  for (const { name, answers } of chosen)
    it(`${name}: the server lives, and its good client loses nothing`, async () => {
      const target = await startTarget(build);
      try {
        const client = run(target, 'good-client.ts');
        const meeting = outputOf<Meeting>(client);
        // Programs that have just started are slow.
        await sleep(3000);
        client.stdin?.write('\n');
        const attacker = run(target, 'attacker.ts', name);
        const giveUp = setTimeout(() => attacker.kill('SIGKILL'), 150_000);
        const given = await outputOf<Answers>(attacker).catch((): Answers => ({ none: 1 }));
        clearTimeout(giveUp);
        await sleep(500);
        client.stdin?.end();
        const met = await meeting;
        report({ name, given, peak: target.peak(), ...target.state(), met });
        expect(target.state()).toEqual({ lives: true, oomKills: 0 });
        expect(target.peak(), 'MiB, with those of sockets').toBeLessThan(limitMebibytes);
        for (const [kind, { lost, problems, slowest }] of Object.entries(met)) {
          expect({ kind, lost, problems }).toEqual({ kind, lost: 0, problems: [] });
          expect(slowest, kind).toBeLessThan(1000);
        }
        if (answers) expect(Object.keys(given).filter((answer) => !answers.test(answer))).toEqual([]);
      } finally {
        await target.stop();
      }
    });
});
