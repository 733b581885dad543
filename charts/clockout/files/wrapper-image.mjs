// `helm test` creates a pod with the image of the init container, which a node pulls and runs as in a wrapped pod, and says what became
// of it. Helm prints this log, and not the events of a pod whose image cannot be pulled.
import { readFileSync } from 'node:fs';

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, SAMPLE, NAMESPACE, OWNER, OWNER_UID } = process.env;
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8').trim();
const path = `/api/v1/namespaces/${NAMESPACE}/pods`;

const sample = JSON.parse(SAMPLE);
const { image } = sample.spec.containers[0];
// Kubernetes deletes the sample with the pod of the test, even if the test is killed.
sample.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: OWNER, uid: OWNER_UID }];

async function ask(method, target, body) {
  const response = await fetch(`${server}${target}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`the API server answered ${response.status} ${answer.message}`);
  return answer;
}

const secrets = sample.spec.imagePullSecrets?.length ? 'with test.imagePullSecrets' : 'without pull secrets of the release';
const hopeless = ['ErrImageNeverPull', 'InvalidImageName'];
const patience = { start: 100_000, pull: 30_000 };
const began = Date.now();
let failing;

/** @returns a sentence and whether it is good; undefined while the outcome is open */
function judge({ spec, status }) {
  const { waiting, terminated } = status.containerStatuses?.[0]?.state ?? {};
  const node = `the node ${spec.nodeName}`;
  if (terminated?.exitCode === 0)
    return { isGood: true, text: `${node} has pulled ${image} ${secrets}, or had it already, and runs its busybox from a volume` };
  if (terminated) {
    const found = `exit code ${terminated.exitCode}${terminated.message ? `, ${terminated.message.trim()}` : ''}`;
    return { text: `expected ${node} to run the busybox of ${image} from a volume; found ${found}. See docs/doctor.md#wrapper-image` };
  }
  const reason = waiting?.reason ?? '';
  const cannotPull = /Image|RegistryUnavailable/.test(reason);
  // The kubelet tries again: only what lasts is a failure.
  if (cannotPull) failing ??= Date.now();
  if (cannotPull && (hopeless.includes(reason) || Date.now() - failing > patience.pull))
    return { text: `expected ${node} to pull ${image} ${secrets}; found ${reason}: ${waiting.message}. Set wrapper.image to an image that your nodes can pull; if it needs a secret, see test.imagePullSecrets` };
  if (Date.now() - began < patience.start) return undefined;
  const why = status.conditions?.find((each) => each.status === 'False' && each.message)?.message ?? status.phase;
  return { text: `expected a pod with ${image} to end within ${patience.start / 1000} s${spec.nodeName ? ` on ${node}` : ''}; found: ${why}` };
}

async function test() {
  const { metadata } = await ask('POST', path, sample);
  try {
    for (;;) {
      const verdict = judge(await ask('GET', `${path}/${metadata.name}`));
      if (verdict) return verdict;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  } finally {
    await ask('DELETE', `${path}/${metadata.name}`).catch(() => {});
  }
}

const { isGood, text } = await test().catch(({ cause, message }) => ({ text: `expected to create a pod and to follow it; ${cause?.message ?? message}` }));
console.log(`${text.replace(/\.+$/, '')}.`);
if (isGood) console.log('This tests one node. To test another one: clockout doctor --node NAME');
process.exitCode = isGood ? 0 : 1;
