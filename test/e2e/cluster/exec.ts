/** Running other programs to their end, and saying clearly which one failed and how. */
import { spawn } from 'node:child_process';

export type RunOptions = { cwd?: string; env?: NodeJS.ProcessEnv; input?: string; timeoutSeconds?: number };

export type Finished = { code: number | null; stdout: string; stderr: string };

/** Runs a program and gives back all it said, whatever its exit code. Throws only where it can't be started. */
export function attempt(argv: string[], options: RunOptions = {}): Promise<Finished> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      timeout: (options.timeoutSeconds ?? 120) * 1000,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.on('error', (cause) => reject(new Error(`${program} could not be started: ${cause.message}`, { cause })));
    child.on('close', (code) => resolve({ code, ...output }));
    child.stdin.on('error', () => {}); // the program may end without reading its input
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program and gives back its standard output; any exit code but 0 is an error with the last lines it wrote. */
export async function run(argv: string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, options);
  if (code === 0) return stdout;
  const how = code === null ? 'was ended (out of time?)' : `ended with code ${code}`;
  throw new Error(`${argv.slice(0, 3).join(' ')} … ${how}:\n${lastLines(stderr || stdout, 15)}`);
}

/** The last lines of a text, indented, to stand below a sentence. */
export function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split('\n').slice(-count);
  return lines.map((line) => `    ${line}`).join('\n');
}
