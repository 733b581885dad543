/** `clockout entrypoint IMAGE`: what an image runs, for which platforms, and how long it took to learn. */
import { exitCode, type ImageLookup, type Io } from './options.ts';

type EntrypointOptions = { image: string; output: 'text' | 'json'; lookup: ImageLookup };

export async function runEntrypoint({ image, output, lookup }: EntrypointOptions, io: Io): Promise<number> {
  const began = performance.now();
  const answer = await lookup(image, { spec: { containers: [{ name: 'app', image }] } });
  const milliseconds = Math.round(performance.now() - began);
  if (!answer.found) {
    for (const problem of answer.problems) io.stderr(`clockout: ${image}: ${problem}\n`);
    return exitCode.badInput;
  }
  const { digest, platforms = [], entrypoint, cmd } = answer;
  const found = { image, digest, platforms, entrypoint, cmd, milliseconds };
  io.stdout(output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : asText(found));
  return exitCode.ok;
}

// --- internal ---

type Found = {
  image: string;
  digest: string;
  platforms: readonly string[];
  entrypoint: readonly string[];
  cmd: readonly string[];
  milliseconds: number;
};

function asText({ image, digest, platforms, entrypoint, cmd, milliseconds }: Found): string {
  const rows = [
    ['digest', digest],
    ['platforms', platforms.join(', ')],
    ['ENTRYPOINT', JSON.stringify(entrypoint)],
    ['CMD', JSON.stringify(cmd)],
    ['took', `${milliseconds} ms`],
  ] as const;
  const lines = [image, ...rows.map(([name, value]) => `  ${name.padEnd(10)}  ${value}`)];
  return `${[...lines, ...annotations(entrypoint, cmd)].join('\n')}\n`;
}

/** What to write where no registry may be asked: a container's own args stand in for CMD. */
function annotations(entrypoint: readonly string[], cmd: readonly string[]): string[] {
  const all = [...entrypoint, ...cmd];
  if (all.length === 0) return ['  runs nothing by itself: its pods must have a command'];
  const annotation = (argv: readonly string[]) => `  clockout.dev/entrypoint: ${quoted(JSON.stringify(argv))}`;
  const withoutArgs = [`as an annotation, for a container without args:`, annotation(all)];
  if (cmd.length === 0) return ['as an annotation:', annotation(all)];
  return entrypoint.length === 0 ? withoutArgs : [...withoutArgs, 'and for one with args:', annotation(entrypoint)];
}

/** For YAML. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
