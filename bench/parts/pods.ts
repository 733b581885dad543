/** Pods a second on a real API server: with no webhook, with Istio's, and with a third after it. */
import { join } from 'node:path';
import type { KubeObject } from '../../test/e2e/cluster/api.ts';
import { configuration, configurations } from '../../test/e2e/cluster/install.ts';
import { eventually } from '../../test/e2e/cluster/progress.ts';
import { api, isWrapped, makeNamespace, meshed, removeNamespaces } from '../../test/e2e/cluster/suite/kube.ts';
import { gatedPod } from '../../test/e2e/cluster/suite/stream.ts';
import { readAdmissionTimes, subtractTimes, type Times } from '../admission-times.ts';
import { findNoCluster } from '../cluster.ts';
import type { Findings, NotRun, Options } from '../result.ts';
import { median, type Server, startServer } from '../servers.ts';

const constantName = 'zz-bench-constant';
const constantLabel = 'bench.clockout.dev/constant';
const writerCounts = [10, 50, 200];

const istio = { 'istio-injection': 'enabled' };
const setups: { name: string; labels: Record<string, string>; wraps: boolean; webhook?: string }[] = [
  { name: 'no webhook', labels: {}, wraps: false },
  { name: 'Istio alone', labels: istio, wraps: false, webhook: 'namespace.sidecar-injector.istio.io' },
  {
    name: 'Istio, constant patch',
    labels: { ...istio, [constantLabel]: 'enabled' },
    wraps: true,
    webhook: 'constant.bench.clockout.dev',
  },
  { name: 'Istio, Clockout', labels: meshed, wraps: true, webhook: 'namespace.clockout.dev' },
];

/** Of one number of writers: pods a second of each setup in each round, and how long its last webhook took. */
type Found = { writers: number; rates: number[][]; times: (Times | undefined)[]; wrong: number[] };

export async function measurePods({ rounds }: Options): Promise<Findings | NotRun> {
  const problem = await findNoCluster();
  if (problem) return problem;
  const constant = await startServer('constant patch', [join(import.meta.dirname, '../constant-patch.ts')]);
  try {
    await installConstant(constant);
    const namespaces: string[] = [];
    for (const { labels } of setups) namespaces.push(await makeNamespace(labels));
    for (const [i, { wraps }] of setups.entries()) await warmUp(`${namespaces[i]}`, wraps);
    const found: Found[] = [];
    for (const writers of writerCounts) found.push(await measure(namespaces, writers, Math.min(rounds, 5)));
    return report(found);
  } finally {
    await api.delete(`${configurations}/${constantName}`);
    await removeNamespaces();
    constant.stop();
  }
}

// --- internal ---

/** Just as Clockout's webhook for namespaces, except for where it is, and for which namespaces. */
async function installConstant({ url, more: { caBundle = '' } }: Server): Promise<void> {
  const { webhooks } = await api.get(configuration);
  const own = webhooks.find(({ name }: KubeObject) => name === 'namespace.clockout.dev');
  await api.delete(`${configurations}/${constantName}`);
  await api.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: constantName },
    webhooks: [
      {
        ...own,
        name: 'constant.bench.clockout.dev',
        clientConfig: { url: `${url}`, caBundle },
        namespaceSelector: { matchLabels: { [constantLabel]: 'enabled' } },
      },
    ],
  });
}

/** Without a token, whose volume has another name in each pod: so the same patch fits all. */
function podOf(namespace: string, number: number): KubeObject {
  const pod = gatedPod(namespace, number);
  return { ...pod, spec: { ...pod.spec, automountServiceAccountToken: false } };
}

/** @returns how many pods were not as they should be */
async function create(namespace: string, wraps: boolean, count: number, writers: number): Promise<number> {
  let [next, wrong] = [0, 0];
  const write = async () => {
    while (next < count) {
      const created = await api.create(podOf(namespace, next++)).catch(() => undefined);
      if (created === undefined || isWrapped(created) !== wraps) wrong++;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return wrong;
}

const clear = async (namespace: string) => {
  await api.delete(`/api/v1/namespaces/${namespace}/pods`, { gracePeriodSeconds: 0 });
  await eventually('the pods are gone', 60, async () => {
    const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?limit=1`);
    return items.length === 0;
  });
};

/** Until the API server knows the namespace's labels and the webhook. */
async function warmUp(namespace: string, wraps: boolean): Promise<void> {
  await eventually('pods are changed as planned', 60, async () => {
    const wrong = await create(namespace, wraps, 50, 10);
    await clear(namespace);
    return wrong === 0;
  });
}

async function measure(namespaces: readonly string[], writers: number, rounds: number): Promise<Found> {
  const rates: number[][] = setups.map(() => []);
  const before = await readAdmissionTimes();
  const wrong = setups.map(() => 0);
  const count = Math.max(150, 2 * writers);
  for (let round = 0; round < rounds; round++) {
    const turns = setups.map(({ wraps }, i) => ({ wraps, i }));
    for (const { wraps, i } of round % 2 === 0 ? turns : turns.toReversed()) {
      const namespace = `${namespaces[i]}`;
      const began = performance.now();
      wrong[i] = (wrong[i] ?? 0) + (await create(namespace, wraps, count, writers));
      rates[i]?.push(count / ((performance.now() - began) / 1000));
      await clear(namespace);
    }
    console.error(`  ${writers} writers: ${rates.map((all) => all.at(-1)?.toFixed(0)).join(', ')} pods a second`);
  }
  const after = await readAdmissionTimes();
  const times = setups.map(({ webhook = '' }) => {
    const found = after.get(webhook);
    return found && subtractTimes(found, before.get(webhook));
  });
  return { writers, rates, times, wrong };
}

function report(found: readonly Found[]): Findings {
  const ratio = ({ rates }: Found, i: number, to: number) =>
    median((rates[i] ?? []).map((rate, round) => rate / (rates[to]?.[round] ?? Number.NaN)));
  const bounds = [0.005, 0.025, 0.1, 0.5];
  return {
    notes: [
      `Pods that were refused, or were not changed as planned: ${setups
        .map(({ name }, i) => `${name} ${found.reduce((sum, { wrong }) => sum + (wrong[i] ?? 0), 0)}`)
        .join('; ')}.`,
    ],
    pictures: [
      {
        kind: 'bars',
        name: 'pods',
        title: 'Pods a second',
        unit: 'medians, more is better',
        series: setups.map(({ name }) => name),
        groups: found.map(({ writers, rates }) => ({ label: `${writers} writers`, values: rates.map(median) })),
      },
    ],
    tables: [
      {
        head: ['Writers', ...setups.map(({ name }) => name), 'Clockout / constant patch', 'Clockout / Istio alone'],
        rows: found.map((each) => [
          `${each.writers}`,
          ...each.rates.map((all) => median(all).toFixed(0)),
          ratio(each, 3, 2).toFixed(2),
          ratio(each, 3, 1).toFixed(2),
        ]),
      },
      {
        caption:
          "How long the API server waited for each webhook, by its metric `apiserver_admission_webhook_admission_duration_seconds`. Istio's has the pods of all setups but the first",
        head: ['Webhook', 'Writers', 'Calls', 'Mean, ms', ...bounds.map((bound) => `at most ${bound * 1000} ms`)],
        rows: setups.flatMap(({ webhook }, i) =>
          found.flatMap(({ writers, times }) => {
            const of = times[i];
            if (webhook === undefined || of === undefined) return [];
            const share = (bound: number) => `${((100 * (of.atMost.get(bound) ?? 0)) / of.count).toFixed(0)} %`;
            return [
              [
                `\`${webhook}\``,
                `${writers}`,
                `${of.count}`,
                ((1000 * of.sum) / of.count).toFixed(1),
                ...bounds.map(share),
              ],
            ];
          }),
        ),
      },
    ],
  };
}
