/** Checks of what really becomes of a pod: it is created as a dry run, so that no pod is started. */
import { initContainerName, nativeAnnotation, statusAnnotation, wrapperCommand } from '../../pod/names.ts';
import { listAt, textAt, textsAt } from '../../util/find-value.ts';
import { shortened } from '../../util/text.ts';
import { type Check, type Finding, fault, fine, judge } from '../check.ts';
import type { ProbeAnswer } from '../facts.ts';

export const admissionChecks: readonly Check[] = [
  {
    id: 'admission',
    group: 'Server',
    when: 'after',
    about:
      'Job pods with a sidecar come back wrapped: for each webhook of the configuration, one from a namespace that it selects, if there is one. The check creates these pods as a dry run, so no pod is started. This tests the whole path: selectors, network, certificate and patch.',
    remedy:
      'The message of the API server says what went wrong, and the lines above often say why. If the pod is admitted unchanged, the API server did not ask Clockout, or got no answer, or a later webhook undid the change: look at the log of the replicas.',
    needs: '`create` on `pods` in a namespace that the configuration selects',
    find: ({ probes: { samples } }) =>
      joinFindings(samples.flatMap((sample) => judge('whether Job pods are wrapped', sample, findAdmission) ?? [])),
  },
  {
    id: 'dropped-fields',
    group: 'Cluster',
    when: 'always',
    about:
      'No webhook drops `restartPolicy` from init containers. Without this field, a native sidecar becomes an init container that never ends. The check creates a pod with such a container as a dry run.',
    remedy:
      'Update the webhook: it is built with a Kubernetes library that is too old. [Repair](native.md#repair) lists those that are known. Clockout restores the field if the webhook is called before Clockout, but not if it is called after Clockout.',
    needs: '`create` on `pods` in a namespace that the configuration selects',
    find: ({ probes: { native } }) => native && judge('whether webhooks drop restartPolicy', native, findDropped),
  },
];

// --- internal ---

const inNamespace = (namespace: string) => `in the namespace ${shortened(namespace, 63)}`;

/** The worst; or all, if all is well. */
function joinFindings(findings: readonly Finding[]): Finding | undefined {
  const bad = findings.find(({ state }) => state === 'fault') ?? findings.find(({ state }) => state !== 'ok');
  return bad ?? (findings.length > 0 ? fine(findings.map(({ says }) => says).join('; ')) : undefined);
}

function findAdmission({ namespace, isByLabel, answer }: ProbeAnswer): Finding {
  const where = `${isByLabel ? 'with a label of its own ' : ''}${inNamespace(namespace)}`;
  if (!answer.ok) return explainRefusal(where, answer.problem);
  const pod = answer.value;
  const hasInit = listAt(pod, 'spec', 'initContainers').some((each) => textAt(each, 'name') === initContainerName);
  const app = listAt(pod, 'spec', 'containers').find((each) => textAt(each, 'name') === 'app');
  const isWrapped = hasInit && textsAt(app, 'command')[0] === wrapperCommand[0];
  const hasAnnotation = (name: string) => textAt(pod, 'metadata', 'annotations', name) !== undefined;
  if (isWrapped) return fine(`a Job pod ${where} comes back wrapped (dry run)`);
  if (hasAnnotation(nativeAnnotation)) return fine(`a Job pod ${where} comes back with native sidecars (dry run)`);
  if (hasInit || hasAnnotation(statusAnnotation)) {
    return fault(
      `a Job pod ${where} was wrapped, and a later webhook took a part of that back (dry run)`,
      'Find the webhook that is called after Clockout: the check later-webhooks names those that it can be.',
    );
  }
  return fault(
    `a Job pod ${where} comes back unchanged (dry run): the API server did not ask Clockout, or got no answer`,
    'Look at the other lines, and at the log of the replicas.',
  );
}

/** What the API server says if it cannot call a webhook, and what that means. */
const causes: readonly [pattern: RegExp, meaning: string][] = [
  [/unknown authority|certificate is not trusted/, 'the caBundle of the configuration does not fit the certificate'],
  [/certificate has expired|not yet valid/, 'the certificate is not valid now'],
  [/certificate is valid for|not valid for any names|doesn't contain any/, 'the certificate is for other names'],
  [/no endpoints available/, 'no replica is ready'],
  [/no service port/, 'the Service does not have the port'],
  [/service "[^"]*" not found/, 'the Service does not exist'],
  [/connection refused/, 'no process listens at the port'],
  [/deadline exceeded|timeout|no route to host/, 'the API server cannot reach the replicas'],
  [/This caller is not answered/, 'the API server does not present the certificate that webhook.clientCA asks for'],
];

function explainRefusal(where: string, message: string): Finding {
  const says = `a Job pod ${where} is refused (dry run): ${shortened(message, 400)}`;
  if (!/failed calling webhook "[^"]*clockout\.dev"/.test(message.slice(0, longestMessage))) {
    // A policy or a quota of the cluster, which says nothing of Clockout.
    return { state: 'unknown', says, advice: 'Opt in a namespace that admits such a pod, or ask for its policies.' };
  }
  const meaning = causes.find(([pattern]) => pattern.test(message.slice(0, longestMessage)))?.[1];
  return fault(says, meaning === undefined ? 'Look at the other lines.' : `That means: ${meaning}.`);
}

/** Other webhooks write messages, too. */
const longestMessage = 2000;

function findDropped({ namespace, answer }: ProbeAnswer): Finding | undefined {
  const where = inNamespace(namespace);
  const dropped = fault(
    `a webhook drops restartPolicy from init containers ${where}, so native sidecars never end (dry run)`,
    'Update that webhook.',
  );
  // Without the field, the API server refuses the probe that the container has.
  if (!answer.ok)
    return /without restartPolicy=Always/.test(answer.problem.slice(0, longestMessage)) ? dropped : undefined;
  const helper = listAt(answer.value, 'spec', 'initContainers').find((each) => textAt(each, 'name') === 'helper');
  if (!helper) return undefined;
  return textAt(helper, 'restartPolicy') === 'Always'
    ? fine(`webhooks leave native sidecars as they are ${where} (dry run)`)
    : dropped;
}
