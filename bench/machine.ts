/** What a result has to say of the machine, and nothing that names it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Machine } from './result.ts';

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGibibytes: Math.round(totalmem() / 1024 ** 3),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    versions: {
      Clockout: readRevision(),
      'Node.js': process.versions.node,
      Fastify: readVersion('fastify'),
      Linux: release().split('-')[0] ?? '',
    },
  };
}

// --- internal ---

const root = join(import.meta.dirname, '..');

const readVersion = (name: string): string =>
  JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;

function readRevision(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  try {
    const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' }).trim();
    return `${version} (${git('rev-parse', '--short', 'HEAD')})`;
  } catch {
    // Not a checkout.
    return version;
  }
}
