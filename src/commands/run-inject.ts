/** `clockout inject`: manifests in, the same manifests with the patch out. All or nothing: see `exitCode`. */
import { admitSources } from '../manifests/admit-manifests.ts';
import type { Result } from '../manifests/find-pods.ts';
import { readSources } from '../manifests/read-files.ts';
import { render } from '../manifests/render.ts';
import { report } from '../manifests/report.ts';
import { exitCode, type InjectOptions, type Io } from './options.ts';

export async function runInject(options: InjectOptions, io: Io): Promise<number> {
  const sources = await readSources(options.files, io.stdin);
  if (!sources.ok) return refuse(sources, io);
  const admitted = await admitSources(sources.value, options, ({ job }) => ({ from: 'cli', job }));
  if (!admitted.ok) return refuse(admitted, io);
  const text = render(admitted.value, options);
  if (!text.ok) return refuse(text, io);
  io.stdout(text.value);
  for (const line of report(admitted.value)) io.stderr(`${line}\n`);
  return exitCode.ok;
}

export function refuse({ problems }: Extract<Result<unknown>, { ok: false }>, io: Io): number {
  for (const problem of problems) io.stderr(`${problem}\n`);
  return exitCode.badInput;
}
