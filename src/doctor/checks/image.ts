/** Checks of the wrapper image, and of the nodes that run it. */
import { plural } from '../../util/count.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, named, unknown, warn } from '../check.ts';
import type { Facts, NodeFacts, NodeProbe, NodeReport } from '../facts.ts';
import { listHaving, showImage } from '../image-name.ts';

export const imageChecks: readonly Check[] = [
  {
    id: 'wrapper-image',
    group: 'Wrapper image',
    when: 'always',
    about:
      'Nodes can pull the image of the init container: no pod waits for it, and its registry has it for the platforms of all nodes. The check asks the registry from where you run it, with your own credentials. `--node` tries it on the nodes.',
    remedy:
      'Copy the image to a registry that your nodes reach, and set `wrapper.image`: see [Registries and mirrors](platforms.md#registries-and-mirrors). If only your machine cannot reach the registry, run `clockout doctor --node`.',
    needs: '`list` on `pods` in all namespaces and on `nodes`; access to the registry',
    find: findImage,
  },
  {
    id: 'nodes',
    group: 'Nodes',
    when: 'node',
    about:
      'On each node that you name, or on all of them, a pod with the wrapper image starts, runs a program from an `emptyDir`, shares a FIFO between two containers, and reads `/proc`. The busybox of the image is statically linked, so that it also runs in containers of other images. The pod has no rights, and is deleted afterwards, also if you press Ctrl-C.',
    remedy:
      'If programs in an `emptyDir` do not run, the volume of the kubelet (`/var/lib/kubelet`) is mounted with `noexec`: remove that option. If `/proc` cannot be read or FIFOs are not shared, the container runtime or its sandbox does not allow it: run Jobs on other nodes. If busybox is not static, set `wrapper.image` to one that is, such as `busybox:musl`.',
    needs:
      '`create`, `get` and `delete` on `pods` in the namespace of Clockout, or with `--pre` in your own; `list` on `nodes`',
    find: ({ nodeProbes, nodes }) => {
      if (nodeProbes?.length === 0 && !nodes.ok) return unknown('the nodes', nodes.problem);
      return nodeProbes && findNodes(nodeProbes);
    },
  },
];

// --- internal ---

const advice = 'Copy it to a registry that your nodes reach, and set wrapper.image.';

function findImage({ image, nodes, nodeProbes, isBefore, installation, called }: Facts): Finding | undefined {
  // It is not known which image it will be.
  if (!installation && !isBefore) return undefined;
  if (!image.reference.ok) return unknown('the wrapper image', image.reference.problem);
  const reference = showImage(image.reference.value);
  const [waiting] = image.waiting.ok ? image.waiting.value : [];
  if (waiting && image.waiting.ok) {
    const others = image.waiting.value.length;
    return fault(
      `${plural(others, 'pod')} cannot start, because the image ${reference} cannot be pulled: ${shortened(waiting.says, 300)}`,
      advice,
    );
  }
  if (nodeProbes?.some(({ outcome }) => outcome.ok)) return fine(`a node has pulled ${reference}`);
  const linux = nodes.ok ? nodes.value.filter(({ os }) => os === 'linux') : [];
  const having = listHaving(linux, image.reference.value);
  if (linux.length > 0 && having.length === linux.length && !image.isPulledAlways)
    return fine(`every node has ${reference} already`);
  const { answer } = image;
  if (!answer) return fine(`no pod waits for ${reference}`);
  if (answer.ok) return findPlatforms(reference, answer.value.platforms, linux);
  const message = shortened(answer.problem.message, 300);
  if (answer.problem.isSure) return fault(`the image ${reference} cannot be pulled: ${message}`, advice);
  const elsewhere = having.length > 0 ? `; ${plural(having.length, 'node')} of ${linux.length} have it already` : '';
  return {
    state: 'unknown',
    says: `cannot check from here whether nodes can pull ${reference}: ${message}${elsewhere}`,
    advice: 'Try it on the nodes:',
    command: `${called('doctor')}${isBefore ? ' --pre' : ''} --node`,
  };
}

function findPlatforms(reference: string, platforms: readonly string[], linux: readonly NodeFacts[]): Finding {
  const missing = [...new Set(linux.map(({ architecture }) => architecture))].filter(
    (architecture) =>
      architecture !== '' && !platforms.some((platform) => platform.startsWith(`linux/${architecture}`)),
  );
  if (missing.length === 0) return fine(`the registry has ${reference}`);
  const says = `${reference} is not for ${named(missing.map((each) => `linux/${each}`))}, which some nodes are`;
  return fault(says, 'Copy it with all platforms, or set wrapper.image to an image that has them.');
}

function findNodes(probes: readonly NodeProbe[]): Finding {
  if (probes.length === 0) return warn('there is no Linux node that is ready', 'Name one with --node NAME.');
  const failed = probes.flatMap(({ node, outcome }) => {
    if (!outcome.ok) return outcome.problem.isSure ? [{ node, says: outcome.problem.message }] : [];
    const says = describeReport(outcome.value);
    return says === undefined ? [] : [{ node, says }];
  });
  const [first] = failed;
  if (first) {
    const names = named(failed.map(({ node }) => node));
    return fault(`${names}: ${shortened(first.says, 400)}`, 'Run Jobs on other nodes, or repair these.');
  }
  const left = probes.flatMap((probe) => probe.left ?? [])[0];
  if (left)
    return warn(
      `the pod ${shortened(left.pod, 253)} is still in the namespace ${left.namespace}: ${shortened(left.message, 300)}`,
      'Delete it, or let somebody delete it who may:',
      `kubectl delete pod ${left.pod} -n ${left.namespace}`,
    );
  const unsure = probes.flatMap(({ node, outcome }) =>
    outcome.ok ? [] : [{ node, message: outcome.problem.message }],
  );
  if (unsure[0]) {
    return unknown(`${named(unsure.map(({ node }) => node))}`, { kind: 'refused', message: unsure[0].message });
  }
  return fine(`${plural(probes.length, 'node')} can run wrapped pods: ${named(probes.map(({ node }) => node))}`);
}

function describeReport({ runs, sharesFifo, readsProc, isDynamic }: NodeReport): string | undefined {
  if (isDynamic) return 'the busybox of the wrapper image is not statically linked, so it does not run in other images';
  if (!runs) return 'programs in an emptyDir do not run (noexec)';
  if (!sharesFifo) return 'two containers do not share a FIFO in an emptyDir';
  return readsProc ? undefined : '/proc cannot be read';
}
