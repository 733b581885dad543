/** Reviews of pods that take much work for their size: a pod's own bounds, and the parsers of its texts, are to hold them. */
import type { Attack } from '../attacks.ts';
import { post } from '../load.ts';
import { reviewOf } from '../reviews.ts';

const one = (name: string, body: () => Buffer): Attack => ({
  name,
  answers: /^(200|413)$/,
  run: ({ webhook }) => post({ url: webhook, bodies: [body()], atOnce: 1 }),
});

const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);
const containers = (count: number) => names(count).map((name) => ({ name, image: 'a', command: ['/a'] }));
const sidecar = { name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.26.4' };
const pod = (count: number, annotations: Record<string, string> = {}) =>
  reviewOf({ containers: [...containers(count), sidecar] }, annotations);

const proxyConfig = (text: string) => reviewOf({}, { 'proxy.istio.io/config': text });

const alreadyWrapped = (count: number) => {
  const status = { containers: Object.fromEntries(names(count).map((name) => [name, { entrypoint: 'pod' }])) };
  const command = ['/clockout/busybox', 'sh', '/clockout/run', 'name=a', '--'];
  const wrapped = containers(count).map((each) => ({ ...each, command, args: ['/a'] }));
  return reviewOf({ containers: [...wrapped, sidecar] }, { 'clockout.dev/status': JSON.stringify(status) });
};

/** Apps without a command, so that their images are looked up for the platforms that the pod's node may have. */
const lookedUp = (images: number, spec: object) => {
  const apps = names(images).map((name) => ({ name, image: `registry.example.com/${name}` }));
  return reviewOf({ containers: [...apps, sidecar], ...spec });
};

const expression = (label: string, operator: string, values: string[]) => ({
  key: `kubernetes.io/${label}`,
  operator,
  values,
});
const requiring = (matchExpressions: object[], terms = 1) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: Array(terms).fill({ matchExpressions }) },
  },
});

export const reviewAttacks: Attack[] = [
  one('YAML: 400 question marks', () => proxyConfig(`${'? '.repeat(400)}statusPort`)),
  one('YAML: 2,040 dashes', () => proxyConfig(`a: statusPort\n${'- '.repeat(2040)}`)),
  one('YAML: 1,020 braces', () => proxyConfig(`statusPort${'{a: '.repeat(1020)}`)),
  one('2,000 containers that are wrapped already', () => alreadyWrapped(2000)),
  one('1,000 containers, and entrypoints of 20,000 others', () =>
    pod(1000, {
      'clockout.dev/entrypoint': JSON.stringify(Object.fromEntries(names(20_000).map((name) => [`x${name}`, ['a']]))),
    }),
  ),
  one('2,000 containers, and 60,000 excluded names', () =>
    pod(2000, { 'clockout.dev/exclude-containers': names(60_000).join(',') }),
  ),
  one('10,000 containers', () => pod(10_000)),
  one('a quantity of 40,000 digits', () =>
    reviewOf({
      containers: [
        { name: 'app', image: 'a', command: ['/a'], resources: { requests: { memory: `${'1'.repeat(40_000)}!` } } },
        sidecar,
      ],
    }),
  ),
  one('100,000 names in an annotation', () => pod(1, { 'clockout.dev/containers': names(100_000).join(',') })),
  one('50,000 unknown annotations', () =>
    pod(1, Object.fromEntries(names(50_000).map((name) => [`clockout.dev/${name}`, '']))),
  ),
  one('5,000 quit URLs', () =>
    pod(1, {
      'clockout.dev/quit-urls': names(5000)
        .map((name) => `http://127.0.0.1:1/${name}`)
        .join(','),
    }),
  ),
  one('node affinity: 1,000 systems and 1,000 architectures', () =>
    lookedUp(1, {
      affinity: requiring([expression('os', 'In', names(1000)), expression('arch', 'In', names(1000))]),
    }),
  ),
  one('node affinity: 9,000 expressions NotIn', () =>
    lookedUp(1, { affinity: requiring(names(9000).map((name) => expression('arch', 'NotIn', [name]))) }),
  ),
  one('node affinity: 1,000 terms and a nodeSelector of 5,000, for 16 images', () =>
    lookedUp(16, {
      nodeSelector: Object.fromEntries(names(5000).map((name) => [name, ''])),
      affinity: requiring([expression('os', 'In', ['linux'])], 1000),
    }),
  ),
];
