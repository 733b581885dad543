/** `clockout entrypoint IMAGE`: what an image runs, for which platforms, and how long the lookup took. */
import type { Flags } from '../config/parse.ts';
import type { FoundImage, LookupImageConfig } from '../entrypoint/resolve.ts';
import { type DefineCommand, exitCode, type Io, printProblems, runWithConfig, withLookup } from './command.ts';
import { addSettings, outputOption } from './shared-options.ts';

type EntrypointFlags = Flags & { output: 'text' | 'json' };

export const define: DefineCommand = (command, cli) =>
  addSettings(
    command
      .description(
        'Asks the registry of an image for its ENTRYPOINT and CMD, with your Docker credentials. The webhook asks in the same way.',
      )
      .argument('<image>', 'image reference, as in a manifest')
      .addOption(outputOption('text', 'json')),
    ['registries'],
  ).action((image: string, flags: EntrypointFlags) =>
    runWithConfig(cli, flags, (config) =>
      withLookup(config, cli, (lookup) => printEntrypoint(image, flags.output, lookup, cli.io)),
    ),
  );

// --- internal ---

async function printEntrypoint(image: string, output: EntrypointFlags['output'], lookup: LookupImageConfig, io: Io) {
  const began = performance.now();
  const answer = await lookup(image, { spec: { containers: [{ name: 'app', image }] } });
  const milliseconds = Math.round(performance.now() - began);
  if (!answer.found) {
    const problems = answer.problems.map((problem) => `${image}: ${problem}`);
    return printProblems(io, problems);
  }
  const { digest, platforms = [], entrypoint, cmd } = answer;
  const found = { image, digest, platforms, entrypoint, cmd, milliseconds };
  io.stdout(output === 'json' ? `${JSON.stringify(found, null, 2)}\n` : asText(found));
  return exitCode.ok;
}

type Found = Required<Pick<FoundImage, 'digest' | 'platforms' | 'entrypoint' | 'cmd'>> & {
  image: string;
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

/** What to write if Clockout must not ask the registry. A container's own args replace CMD. */
function annotations(entrypoint: readonly string[], cmd: readonly string[]): string[] {
  const all = [...entrypoint, ...cmd];
  if (all.length === 0) return ['  has no ENTRYPOINT and no CMD: its containers need a command'];
  const annotation = (argv: readonly string[]) => `  clockout.dev/entrypoint: ${quoted(JSON.stringify(argv))}`;
  const withoutArgs = ['as an annotation, for a container without args:', annotation(all)];
  if (cmd.length === 0) return ['as an annotation:', annotation(all)];
  return entrypoint.length === 0 ? withoutArgs : [...withoutArgs, 'and for one with args:', annotation(entrypoint)];
}

/** For YAML. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
