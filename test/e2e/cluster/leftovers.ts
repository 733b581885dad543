/** Ends and removes all that a cluster made, whether its `down` is asked for or its `up` was killed half-way. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nodeLink } from './addresses.ts';
import { binaries } from './binaries.ts';
import { kubeProxy, stopOrder } from './components.ts';
import { attempt, run } from './exec.ts';
import { restoreKernelSettings } from './kernel.ts';
import { needBuiltCluster } from './own-cluster.ts';
import { inState, state } from './paths.ts';
import { find, kill, logFile, stop, tryRead } from './processes.ts';
import { eventually } from './progress.ts';
import { cgroupRoot } from './settings.ts';

const cgroups = '/sys/fs/cgroup';

/** Afterwards nothing of a cluster is left on this machine but the cache. Where there was none, it does nothing. */
export async function removeCluster(): Promise<void> {
  needBuiltCluster('to be started and stopped'); // and the state would be the notes of `use`
  for (const name of stopOrder) {
    await stop(name);
    if (name === 'kubelet') await killPods();
  }
  await killPods();
  // What is left now are containerd's shims, and children of programs that were killed.
  for (const pid of find()) kill(pid, 'SIGKILL');
  await eventually('the last processes of the cluster are gone', 10, async () => find().length === 0);
  await removeServiceRules();
  restoreKernelSettings();
  await run(['ip', 'link', 'delete', nodeLink]).catch(() => {}); // there may be none
  removeSockets();
  await unmountAll();
  for (const folder of cgroupFolders()) removeCgroups(folder);
  removeFiles();
  await run(['rm', '-rf', '--one-file-system', state]);
}

/** Processes of containers have lost their parents' marks, but can't leave their cgroup. */
async function killPods(): Promise<void> {
  const alive = () => cgroupFolders().flatMap(processesIn);
  await eventually('the containers are gone', 20, async () => {
    for (const pid of alive()) kill(pid, 'SIGKILL');
    return alive().length === 0;
  });
}

/** cgroup v2 has one tree, v1 one for each controller. */
const cgroupFolders = (): string[] =>
  [cgroups, ...readdirSync(cgroups).map((controller) => join(cgroups, controller))]
    .map((tree) => join(tree, cgroupRoot))
    .filter((folder) => existsSync(folder));

const subfolders = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));

function processesIn(folder: string): number[] {
  const own = tryRead(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...subfolders(folder).flatMap(processesIn)];
}

function removeCgroups(folder: string): void {
  for (const each of subfolders(folder)) removeCgroups(each);
  rmdirSync(folder);
}

/** kube-proxy's chains. Where it never ran they aren't ours. */
async function removeServiceRules(): Promise<void> {
  if (!existsSync(logFile(kubeProxy.name)) || !existsSync(binaries.kubeProxy)) return;
  await attempt([binaries.kubeProxy, '--cleanup']);
  // This one it leaves to the kubelet, which had it in earlier versions.
  const chain = 'KUBE-FIREWALL';
  for (const program of ['iptables', 'ip6tables']) {
    for (const from of ['INPUT', 'OUTPUT']) await attempt([program, '--wait', '--delete', from, '--jump', chain]);
    for (const change of ['--flush', '--delete-chain']) await attempt([program, '--wait', change, chain]);
  }
}

/** A killed shim leaves its socket, outside the state folder; its address stands in its bundle. */
function removeSockets(): void {
  const bundles = inState('containerd-state', 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(bundles)) return;
  for (const bundle of subfolders(bundles)) {
    const address = tryRead(join(bundle, 'address'));
    if (address.startsWith('unix://')) rmSync(address.slice('unix://'.length), { force: true });
  }
}

/** The kubelet's volumes, containers' roots, network namespaces. Nothing is deleted while anything is still mounted. */
async function unmountAll(): Promise<void> {
  for (const point of mountPoints().reverse()) await attempt(['umount', '--lazy', point]);
  const left = mountPoints();
  if (left.length > 0) throw new Error(`${left.length} mounts can't be undone, so nothing is deleted: ${left[0]}, …`);
}

/** Field 5 of /proc/self/mountinfo, where blanks and others are written as octal numbers. */
const mountPoints = (): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((point) => point.startsWith(`${state}/`));

/** Two places where files are put that no setting can move: libcni's results, the kubelet's links to logs. */
function removeFiles(): void {
  for (const file of filesIn('/var/lib/cni/results')) if (tryRead(file).includes(`"${state}/`)) rmSync(file);
  for (const link of filesIn('/var/log/containers')) if (readlinkSync(link).startsWith(`${state}/`)) rmSync(link);
}

const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
