/** `clockout doctor` as the cluster's admin, and what it finds. */
import { join } from 'node:path';
import { kubectl } from '../clients.ts';
import { attempt, type Finished } from '../exec.ts';
import { releaseNamespace } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { root } from '../paths.ts';

type Found = { check: string; state: 'ok' | 'warning' | 'fault' | 'unknown'; says: string };
export type Diagnosis = Pick<Finished, 'code' | 'stderr'> & {
  checks: Found[];
  /** What is not fine, as `state check: sentence`. */
  findings: string[];
};

const program = join(root, 'dist', 'clockout.mjs');

/** Runs it on this machine. */
export async function doctor(...flags: string[]): Promise<Diagnosis> {
  const argv = [process.execPath, program, 'doctor', '--kubeconfig', kubeconfig('admin'), '--output', 'json', ...flags];
  return read(await attempt(argv));
}

/** Runs it in a pod of Clockout, with the rights of its service account. */
export async function doctorInside(): Promise<Diagnosis> {
  const command = ['node', '/app/clockout.mjs', 'doctor', '--output', 'json'];
  return read(await attempt([...kubectl, 'exec', '-n', releaseNamespace, 'deploy/clockout', '--', ...command]));
}

function read({ code, stdout, stderr }: Finished): Diagnosis {
  const { checks }: { checks: Found[] } = stdout === '' ? { checks: [] } : JSON.parse(stdout);
  const findings = checks
    .filter(({ state }) => state !== 'ok')
    .map(({ check, state, says }) => `${state} ${check}: ${says}`);
  return { code, stderr, checks, findings };
}
