/** What `serve` is in the program as one file, which has no server: the build puts this in the place of serve.ts. */
import { type DefineCommand, printProblems } from './command.ts';

export const define: DefineCommand = (command, { io, exitWith }) =>
  command
    .description('Is not in this file: the server is in the image, and in dist/clockout.mjs of a build.')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() =>
      exitWith(printProblems(io, ['this file has no server; run the image, or dist/clockout.mjs of a build'])),
    );
