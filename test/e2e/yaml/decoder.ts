/** Kubernetes' own decoder, as a program that reads many texts: see decoder/main.go. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { once as buildOnce } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { cache, hashOf } from '../cluster/paths.ts';

/** What kubectl reads: the documents as JSON, up to the first problem. */
export type Answer = { documents: unknown[]; problem?: string };

const source = join(import.meta.dirname, 'decoder');

/** @returns the path of the program, which is built if it is not there yet */
export async function buildDecoder(): Promise<string> {
  const folder = join(cache, `yaml-decoder-${hashOf({ files: [source] })}`);
  await buildOnce(folder, "Kubernetes' YAML decoder", async (target) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
    await run(['go', 'build', '-trimpath', '-o', join(target, 'decoder'), '.'], {
      cwd: source,
      env,
      timeoutSeconds: 900,
    });
  });
  return join(folder, 'decoder');
}

/** One process reads all of them. */
export async function decodeAll(program: string, texts: readonly string[]): Promise<Answer[]> {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.end(texts.map((text) => `${JSON.stringify(Buffer.from(text).toString('base64'))}\n`).join(''));
  const lines = (await readText(child.stdout)).split('\n').slice(0, -1);
  await ended;
  if (lines.length !== texts.length) throw new Error(`expected ${texts.length} answers, found ${lines.length}`);
  return lines.map((line) => JSON.parse(line, keepIntegers));
}

// --- internal ---

/** JSON.parse rounds large integers, which Kubernetes does not. */
function keepIntegers(_: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
