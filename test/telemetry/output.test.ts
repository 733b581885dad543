import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

/** A process whose standard output is a pipe, as in a container. */
const run = (script: string) =>
  spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const withOutput = (script: string) =>
  `const { openStandardOutput } = await import('../../src/telemetry/output.ts'); const output = openStandardOutput(); ${script}`;

it.each([
  ['returns', ''],
  ['exits', 'process.exit(0);'],
  ['throws', 'process.on("uncaughtException", () => process.exit(0)); throw new Error();'],
])('has written every line when its process %s', async (_, end) => {
  const child = run(withOutput(`for (let i = 0; i < 3000; i++) output.write(\`line \${i}\\n\`); ${end}`));
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i}\n`);
  expect(await text(child.stdout)).toBe(lines.join(''));
});

it('does not wait for more lines than there are', async () => {
  const child = run(withOutput('output.write("one\\n"); setInterval(() => {}, 1000);'));
  const [line] = await once(createInterface(child.stdout), 'line');
  child.kill('SIGKILL');
  expect(line).toBe('one');
});

it.runIf(process.platform === 'linux')(
  'the process goes on when its output is a file on a full disk, and it can exit',
  async () => {
    const script = withOutput(
      'for (let i = 0; i < 3000; i++) output.write("a line of the log\\n".repeat(50)); output.flushSync(); console.error("goes on");',
    );
    const command = [process.execPath, '--input-type=module', '-e', script];
    const child = spawn('sh', ['-c', 'exec "$@" > /dev/full', 'sh', ...command], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exit = once(child, 'exit');
    expect(await text(child.stderr)).toBe('goes on\n');
    expect(await exit).toEqual([0, null]);
  },
);

it('writes again when a full disk has room, though it could keep no more lines', async () => {
  const script = `import fs from 'node:fs';
    const { writeSync } = fs;
    fs.writeSync = () => { throw Object.assign(new Error(), { code: 'ENOSPC' }); };
    const { openStandardOutput } = await import('../../src/telemetry/output.ts');
    const output = openStandardOutput();
    const write = (line) => { output.write(line); output.flushSync(); };
    for (let i = 0; i < 30_000; i++) write(\`line \${i} ${'of the log '.repeat(5)}\\n\`);
    fs.writeSync = writeSync;
    write('the last line\\n');`;
  const lines = (await text(run(script).stdout)).trimEnd().split('\n');
  expect(lines[0]).toMatch(/^line 0 /);
  expect(lines.length).toBeGreaterThan(10_000);
  expect(lines.at(-1)).toBe('the last line');
});
