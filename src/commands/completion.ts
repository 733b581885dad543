/** `clockout completion`: prints a script with which a shell completes commands, options, and names of the cluster. */
import { Argument } from 'commander';
import { type DefineCommand, exitCode } from './command.ts';
import { type Shell, shellScripts, shells } from './completion/scripts.ts';

export const define: DefineCommand = (command, { io, exitWith }) =>
  command
    .description(
      'Prints a script with which your shell completes the commands and options of clockout, and the names of namespaces, Jobs, CronJobs and pods.',
    )
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText('after', examples)
    .action((shell: Shell) => {
      io.stdout(shellScripts[shell]);
      exitWith(exitCode.ok);
    });

// --- internal ---

const examples = `
Examples:
  bash, in ~/.bashrc:                    source <(clockout completion bash)
  zsh, in ~/.zshrc, after compinit:      source <(clockout completion zsh)
  fish, in ~/.config/fish/config.fish:   clockout completion fish | source`;
