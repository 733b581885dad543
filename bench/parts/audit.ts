/**
 * Measures `clockout audit` on 10,000 Jobs with their pods: seconds, and memory at its most. The API server is a stand-in in this
 * process, with recorded pods of 12 KB, an expired token, and answers that it is busy. The command runs in a process of its own.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '../../test/audit/cluster.ts';
import { exited, istiod, istioWebhooks, job, live, namespace, node, running } from '../../test/audit/objects.ts';
import { app, jobPod } from '../../test/support/pods.ts';
import type { Findings } from '../result.ts';

const count = 10_000;
const bundle = join(import.meta.dirname, '../../dist/clockout.mjs');

export async function measureAudit(): Promise<Findings> {
  const directory = mkdtempSync(join(tmpdir(), 'clockout-bench-'));
  const server = await startCluster(listObjects(), { refuse: refuseSome() });
  try {
    const kubeconfig = join(directory, 'kubeconfig');
    writeFileSync(kubeconfig, server.config.exportConfig());
    const start = performance.now();
    const { text, memory, cpu } = await runAudit(kubeconfig);
    const seconds = (performance.now() - start) / 1000;
    if (JSON.parse(text).partial) throw new Error('expected a whole report, found a partial one');
    const row = [`${count.toLocaleString('en-US')}`, seconds.toFixed(1), cpu.toFixed(1), memory.toFixed(0)];
    return {
      tables: [{ head: ['Jobs', 'Time, s', 'CPU time, s', 'Memory at its most, MiB'], rows: [row] }],
      pictures: [],
    };
  } finally {
    await server.close();
    rmSync(directory, { recursive: true });
  }
}

// --- internal ---

/** Each object is the text of the first one with another name: as objects, they would fill this process's memory. */
function listObjects() {
  const recorded = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../test/testdata/pods/classic-never-args.json'), 'utf8'),
  ).request.object;
  const { managedFields } = recorded.metadata;
  recorded.metadata.managedFields = Array.from({ length: 7 }, () => managedFields).flat();
  const pod = JSON.stringify(live('shop', 'NAME', recorded, [exited('report', 0), running('istio-proxy')]));
  const template = jobPod({ spec: { containers: [app({ name: 'report' })] } });
  const owner = JSON.stringify(job('shop', 'NAME', { template }));
  const many = (text: string) => Array.from({ length: count }, (_, i) => text.replaceAll('NAME', `report-${i}`));
  return {
    namespaces: [namespace('shop', { 'istio-injection': 'enabled' })],
    mutatingwebhookconfigurations: [istioWebhooks()],
    nodes: [node('v1.32.4')],
    deployments: [istiod('1.26.4')],
    jobs: many(owner),
    pods: many(pod),
  };
}

function refuseSome() {
  let pages = 0;
  return (resource: string) => {
    if (resource !== 'pods') return undefined;
    pages++;
    return pages === 7 ? 410 : pages % 6 === 0 ? 429 : undefined;
  };
}

type Measured = { text: string; memory: number; cpu: number };

function runAudit(kubeconfig: string): Promise<Measured> {
  const child = spawn(process.execPath, [bundle, 'audit', '-A', '-o', 'json', '--kubeconfig', kubeconfig], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  let [memory, cpu] = [0, 0];
  const watch = setInterval(() => {
    memory = Math.max(memory, readPeak(child.pid));
    cpu = Math.max(cpu, readCpu(child.pid));
  }, 50);
  child.stdout.on('data', (part) => parts.push(part));
  return new Promise((resolve, reject) =>
    child.on('close', (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ text: Buffer.concat(parts).toString(), memory, cpu });
      else reject(new Error(`expected exit code 0, found ${code}; run "npm run build" first`));
    }),
  );
}

/** In MiB; 0 once it has ended. */
function readPeak(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** In seconds; 0 once it has ended. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readCpu(pid: number | undefined): number {
  try {
    const [user = 0, system = 0] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? [];
    return (user + system) / 100;
  } catch {
    return 0;
  }
}
