/** The init container: it puts busybox, the scripts, and each container's steps and FIFO into the volumes. */
import type { Operation } from 'fast-json-patch';
import { escapeDollars } from '../../entrypoint/compose-argv.ts';
import { initCommand, initContainerName, stateVolume, toolsVolume } from '../../pod/names.ts';
import { mountsOwnVolume, sameMount } from '../../pod/own-mounts.ts';
import type { Container, ContainerAt, VolumeMount } from '../../pod/schema.ts';
import { listGuards } from '../../wrapper/options.ts';
import { guardScript, guardTracedScript, initScript, runScript, runTracedScript } from '../../wrapper/scripts.ts';
import type { WrapPlan, WrappedContainer } from '../plan.ts';
import { endsOthersThanProxy } from '../plan-sidecars.ts';
import { tokenPath } from '../token-mount.ts';
import { append, equal, pointer, restore } from './operations.ts';

const [init = '', ...scripts] = [initScript, runScript, guardScript].map(escapeDollars);
const tracedScripts = [runTracedScript, guardTracedScript].map(escapeDollars);
const command = [...initCommand, init, initContainerName];

/** The scripts as they stand in a patch. */
export const scriptTexts: readonly string[] = [init, ...scripts];

/**
 * Adds it at the end of the init containers, or restores it.
 * @param present the init container of an earlier call
 */
export function addInitContainer(
  initContainers: readonly Container[] | null | undefined,
  present: ContainerAt | undefined,
  plan: WrapPlan,
): Operation[] {
  const wanted = createInitContainer(plan);
  if (!present) return append('/spec/initContainers', initContainers, [wanted]);
  const path = pointer('spec', 'initContainers', present.index);
  return restore(path, present.container, { ...wanted, ...keepChanges(present.container, wanted) });
}

// --- internal ---

/**
 * A pod's author can write a container with this name, and all other containers trust what it puts into the volumes. So it is
 * restored, except for fields that other webhooks have reason to change, or that the API server adds.
 */
function keepChanges(present: Container, { securityContext, volumeMounts }: ReturnType<typeof createInitContainer>) {
  const fields = Object.entries(present).filter(([key, value]) => value != null && isKept(key, value));
  const tokens = (present.volumeMounts ?? []).filter((mount) => isTokenMount(mount));
  const paths = new Set(tokens.map(({ mountPath }) => mountPath));
  return {
    ...Object.fromEntries(fields),
    volumeMounts: inOrderOf(present.volumeMounts ?? [], [
      ...volumeMounts.filter(({ mountPath }) => !paths.has(mountPath)),
      ...tokens,
    ]),
    ...(dropsMore(present.securityContext, securityContext) ? { securityContext: present.securityContext } : {}),
  };
}

const keptFields: ReadonlySet<string> = new Set(['image', 'imagePullPolicy', 'resources', 'terminationMessagePolicy']);

/** At another path than the API server's default, the container runtime would mount a file, maybe over one of Clockout's. */
const isKept = (key: string, value: unknown) =>
  keptFields.has(key) || (key === 'terminationMessagePath' && value === '/dev/termination-log');

/** A token from the API server, Istio or a cloud's webhook. In these folders it cannot hide busybox or Clockout's volumes. */
const isTokenMount = (mount: VolumeMount) =>
  !mountsOwnVolume(mount) &&
  tokenFolders.some((folder) => mount.mountPath.startsWith(folder)) &&
  !mount.mountPath.includes('..');

const tokenFolders = ['/run/secrets/', '/var/run/secrets/'];

/** Mounts in another order are no change. */
function inOrderOf(present: readonly VolumeMount[], wanted: readonly VolumeMount[]): readonly VolumeMount[] {
  const byPath = new Map(wanted.map((mount) => [mount.mountPath, mount]));
  const found = present.filter((mount) => {
    const same = byPath.get(mount.mountPath);
    return same !== undefined && sameMount(mount, same);
  });
  return found.length === wanted.length && present.length === wanted.length ? present : wanted;
}

/** OpenShift adds names to the dropped capabilities, although "ALL" is among them. */
function dropsMore(present: Container['securityContext'], wanted: { capabilities: { drop: string[] } }): boolean {
  const drop = present?.capabilities?.drop ?? [];
  return (
    wanted.capabilities.drop.every((name) => drop.includes(name)) &&
    equal({ ...present, capabilities: { ...present?.capabilities, drop: wanted.capabilities.drop } }, wanted)
  );
}

/**
 * init.sh asks at the port whether a native proxy runs already. If Istio's sidecar is in the pod, there is nothing to ask. With
 * a native proxy, a wrapper becomes its app, or stays for the other sidecars that the plan has to end.
 */
function createArgs(plan: WrapPlan): string[] {
  const { sidecar, port, containers, annotations } = plan;
  const texts = annotations.trace ? tracedScripts : scripts;
  const names = [containers.map(wrappedOption).join(','), listGuards(plan).join(',')];
  if (sidecar !== 'expected' || port === 0) return [...texts, '-', ...names];
  return [...texts, `${port}`, ...names, endsOthersThanProxy(plan) ? 'kept' : 'native'];
}

/** The last app to end asks the proxy to exit, so every container has to know which ends to look for. */
const wrappedOption = ({ name, end, startTimeout }: WrappedContainer) => `${name}:${end}:${startTimeout}`;

function createInitContainer(plan: WrapPlan) {
  const { image, pullPolicy, runAsUser, resources } = plan.initContainer;
  return {
    name: initContainerName,
    image,
    ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}),
    command,
    args: createArgs(plan),
    resources,
    // Passes the Pod Security Standard "restricted".
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [
      { name: toolsVolume.name, mountPath: toolsVolume.mountPath },
      { name: stateVolume.name, mountPath: stateVolume.mountPath },
      // An empty folder in place of the service account's token, which it does not need. Without a mount there, the API server
      // would add one, see that the pod changed, and call Clockout a second time.
      { name: stateVolume.name, mountPath: tokenPath, subPath: 'no-token', readOnly: true },
    ],
  };
}
