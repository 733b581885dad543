/**
 * One attack of the table, as a process of its own: `node attacker.ts NAME WEBHOOK-URL METRICS-URL PID-OF-THE-SERVER`. It prints what it was
 * answered: how often each status, and how many connections were closed without one.
 */
import { argv, stdout } from 'node:process';
import { attacks } from './attacks.ts';
import { clockOf } from './clock.ts';

const [, , name, webhook = '', metrics = '', pid = ''] = argv;
const attack = attacks.find((each) => each.name === name);
if (!attack) throw new Error(`there is no attack ${name}`);
// Connections end in all ways; what counts is what the answers were.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (!error.code) throw error;
});
const answers = await attack.run({ webhook: new URL(webhook), metrics: new URL(metrics), now: clockOf(pid) });
stdout.write(JSON.stringify(answers), () => process.exit());
