/** What the commands of the CLI are called with. They know no process: text goes out through `Io`, the exit code comes back. */
import type { Settings } from '../admission/admit.ts';
import type { LookupImageConfig } from '../entrypoint/resolve.ts';
import type { Stdin } from '../manifests/read-files.ts';
import type { OutputForm } from '../manifests/render.ts';

export type Io = {
  stdin: Stdin;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
};

/** Asks an image's registry what it runs; `platforms` are those that were looked at. */
export type ImageLookup = (
  ...asked: Parameters<LookupImageConfig>
) => Promise<Awaited<ReturnType<LookupImageConfig>> & { platforms?: string[] }>;

export type InjectOptions = {
  /** Files, directories, or `-` for standard input. */
  files: string[];
  output: OutputForm;
  settings: Settings;
  /** Left out where no registry is to be asked. */
  lookup?: ImageLookup;
  color: boolean;
};

export type ExplainOptions = {
  files: string[];
  settings: Settings;
  /** Left out where no registry is to be asked. */
  lookup?: ImageLookup;
  color: boolean;
  output?: 'text' | 'json';
};

/** Exit codes; a wrong use of the command line (2) is found before a command runs. */
export const exitCode = { ok: 0, badInput: 1 } as const;
