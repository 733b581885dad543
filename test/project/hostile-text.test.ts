/**
 * Every reader of text that a pod's author writes takes time that grows with its length and no faster. Each is given hostile
 * text, and its CPU compared with what JSON.parse takes for the same: whatever is not linear is off by thousands.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applyPatch } from '../../src/admission/apply-patch.ts';
import { decodePod } from '../../src/admission/decode-pod.ts';
import { hasCollision } from '../../src/decide/collision.ts';
import { needsPid1 } from '../../src/decide/commands.ts';
import { escapeDollars } from '../../src/entrypoint/compose-argv.ts';
import { createPullSecrets } from '../../src/image-lookup/pull-secrets.ts';
import { readWantedPlatforms } from '../../src/image-lookup/wanted-platforms.ts';
import { setDrain } from '../../src/inject/native/drain.ts';
import { toNative } from '../../src/inject/native/native-container.ts';
import { pointer } from '../../src/inject/patch/operations.ts';
import { patchToBase64 } from '../../src/inject/patch/patch-base64.ts';
import { parseQuantity } from '../../src/inject/quantity.ts';
import { emptyNode } from '../../src/manifests/yaml/nodes.ts';
import { parseYaml } from '../../src/manifests/yaml/parse.ts';
import { printYaml } from '../../src/manifests/yaml/print.ts';
import { resolvePlain, resolveScalar } from '../../src/manifests/yaml/resolve.ts';
import { splice } from '../../src/manifests/yaml/splice.ts';
import { decodePullSecret } from '../../src/oci/credentials/docker-config.ts';
import { selectCredentials } from '../../src/oci/credentials/select-credentials.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { readAllowed } from '../../src/pod/annotations/allowed.ts';
import { duration, entrypoint, flag, list, loopbackUrls } from '../../src/pod/annotations/values.ts';
import { findOverBound } from '../../src/pod/bounds.ts';
import { createFacts } from '../../src/pod/facts.ts';
import { readIstioStatus } from '../../src/pod/istio-status.ts';
import { readIstioMinor } from '../../src/pod/istio-version.ts';
import { isWrapped } from '../../src/pod/own-parts.ts';
import { asPort, statusPortIn } from '../../src/pod/proxy-config/read.ts';
import { findKnown } from '../../src/pod/sidecars/find-known.ts';
import { isOn, isTrue, portOf, settingOf } from '../../src/pod/sidecars/settings.ts';
import { readStatus } from '../../src/pod/status.ts';
import { trapFor } from '../../src/pod/stop-signal.ts';
import { readNativeNames } from '../../src/pod/stripped.ts';
import { boundLine } from '../../src/telemetry/line.ts';
import { createCalled } from '../../src/util/called.ts';
import { findNextRun } from '../../src/util/cron-schedule.ts';
import { isDnsLabel, isDnsSubdomain } from '../../src/util/dns-name.ts';
import { parseObject } from '../../src/util/json-object.ts';
import { escapedKey, unescapedKey } from '../../src/util/json-pointer.ts';
import { createCache } from '../../src/util/lru.ts';
import { printable, shortened } from '../../src/util/text.ts';
import { wrapLine, wrapText } from '../../src/util/wrap.ts';
import { hostileTexts } from '../e2e/attack/tokens.ts';
import { app, jobPod } from '../support/pods.ts';

const KiB = 1024;
/** Of all annotations of a pod, and about what the API server takes as one object. */
const [annotation, field] = [256 * KiB, 3 * KiB * KiB];

const annotated = (name: string, text: string) => jobPod({ annotations: { [name]: text } });
const mounting = (mountPath: string) => app({ volumeMounts: [{ name: 'a', mountPath }] });
const known = (text: string) => {
  const consul = {
    name: 'consul-dataplane',
    args: ['-graceful-port', text, text, `--${text}`, `--graceful-addr=${text}`],
  };
  for (const container of [{ name: text }, { name: 'a', image: text }, consul])
    findKnown(container)?.end(container, {});
};
const cache = createCache<string>({ maxEntries: 1, maxBytes: 10 * KiB * KiB }, () => 0);
const credentialsOf = createPullSecrets({
  readSecret: async () => undefined,
  readServiceAccount: async () => undefined,
  now: () => 0,
});
const pulledWith = (name: string) => {
  const pod = jobPod({ spec: { imagePullSecrets: [{ name }] } });
  const question = { pod, namespace: 'a', reference: { registry: 'a.a', repository: 'a' }, isTemplate: false };
  return credentialsOf(question, new AbortController().signal);
};
const withHook = (program: string) => {
  const lifecycle = { postStart: { exec: { command: [program] } } };
  const container = { name: 'a', startupProbe: {}, lifecycle };
  const form = findKnown({ name: 'istio-proxy' })?.native ?? { stage: 'other' };
  return toNative(
    { index: 0, container, form },
    { gate: false, drain: 0, tokenMount: undefined, allowsResizePolicy: true },
  );
};
/** The owner of a pull secret is a tenant, too. */
const decodeSecret = (auths: object) => {
  const content = Buffer.from(JSON.stringify({ auths })).toString('base64');
  return decodePullSecret('', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': content } });
};
const selectFrom = (key: string) =>
  selectCredentials({ registry: `${'a'.repeat(63)}.io`, repository: 'a' }, [
    { key, credential: { kind: 'basic', username: 'a', password: '' } },
  ]);
const onNodes = (value: string) => {
  const matchExpressions = ['In', 'NotIn'].map((operator) => ({ key: arch, operator, values: [value] }));
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [{ matchExpressions }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution } };
  return readWantedPlatforms({ nodeSelector: { [arch]: value }, affinity }, []);
};
const arch = 'kubernetes.io/arch';

const resolveTagged = (text: string, type: string) =>
  resolveScalar({ ...emptyNode(0), text, tag: `tag:yaml.org,2002:${type}`, isImplicit: false });
const read = (text: string) => parseYaml('x', text);
const blockStyle = { indent: 2, indentSeq: false, literals: true };
/** The text is a comment and a value of a document that gets new keys and a new list. */
function patchText(text: string) {
  const line = text.replaceAll(/[^ -~]/g, ' ');
  const before = `a: # ${line}\n  b: '${line.replaceAll("'", "''")}'\n  # ${line}\nc:${' '.repeat(text.length)}\n`;
  const parsed = parseYaml('x', before);
  const [document] = parsed.ok ? parsed.value.documents : [];
  if (!document) throw new Error('expected a document');
  const operations = [
    { op: 'add' as const, path: '/a/d', value: 1 },
    { op: 'replace' as const, path: '/c', value: [1] },
  ];
  const after = { a: { b: line, d: 1 }, c: [1] };
  return splice(before, document.node, { before: document.value, after, operations });
}

/** What reads text of a pod, the file it stands in, and how long the text may be. */
const readers: [name: string, file: string, longest: number, read: (text: string) => unknown, nodes?: 'nodes'][] = [
  ['a line for a terminal', 'util/wrap.ts', field, (text) => wrapLine(`a  ${text}`, 80)],
  ['a list of names', 'pod/annotations/values.ts', annotation, list],
  ['names of annotations', 'pod/annotations/allowed.ts', annotation, readAllowed],
  ['URLs', 'pod/annotations/values.ts', annotation, loopbackUrls],
  ['URLs after a good start', 'pod/annotations/values.ts', annotation, (text) => loopbackUrls(`http://127.${text}`)],
  ['a duration', 'util/duration.ts', annotation, duration],
  ['a flag', 'pod/annotations/values.ts', annotation, flag],
  ['an entrypoint', 'pod/annotations/values.ts', annotation, entrypoint],
  [
    'names before they are read',
    'pod/bounds.ts',
    annotation,
    (text) => findOverBound(annotated('clockout.dev/containers', text)),
  ],
  ['a proxy config', 'pod/proxy-config/read.ts', annotation, (text) => statusPortIn(`${text}\nstatusPort: 1`)],
  [
    'a proxy config, its lines',
    'pod/proxy-config/yaml-line.ts',
    annotation,
    (text) => statusPortIn(`statusPort: 1\nx: ${text}`),
  ],
  [
    'a proxy config, its keys',
    'pod/proxy-config/yaml-line.ts',
    annotation,
    (text) => statusPortIn(`statusPort: 1\na${text}`),
  ],
  [
    'a proxy config, nested',
    'pod/proxy-config/yaml-line.ts',
    annotation,
    (text) => statusPortIn(`statusPort:\n ${text}`),
  ],
  [
    'a proxy config in flow style',
    'pod/proxy-config/yaml-flow.ts',
    annotation,
    (text) => statusPortIn(`{statusPort: 1, ${text}`),
  ],
  ['a port', 'pod/proxy-config/read.ts', annotation, asPort],
  [
    'a script that may have the wrapper in it',
    'pod/own-parts.ts',
    field,
    (text) => isWrapped({ name: 'app', command: ['sh', '-c', `/clockout/run ${text}`] }),
  ],
  ['an init system', 'decide/commands.ts', field, (text) => needsPid1([text])],
  [
    'the path of a mount',
    'decide/collision.ts',
    field,
    (text) => hasCollision(createFacts(jobPod({ spec: { containers: [mounting(`/clockout${text}`)] } }))),
  ],
  ['names, images and flags of sidecars', 'pod/sidecars/known-configured.ts', field, known],
  ['names and images of sidecars', 'pod/sidecars/find-known.ts', field, known],
  ['a stop signal', 'pod/stop-signal.ts', field, trapFor],
  [
    'flags',
    'pod/sidecars/settings.ts',
    field,
    (text) => [settingOf({ name: 'a', args: [text] }, 'x'), isOn({ name: 'a', args: [`-x=${text}`] }, 'x')],
  ],
  [
    'a reference to a variable',
    'pod/sidecars/settings.ts',
    field,
    (text) => settingOf({ name: 'a', args: ['-x', `$(${text}`] }, 'x'),
  ],
  ['a switch', 'pod/sidecars/settings.ts', field, isTrue],
  ['an address', 'pod/sidecars/settings.ts', field, (text) => portOf(text, 1)],
  ['words of an image', 'entrypoint/compose-argv.ts', field, escapeDollars],
  ['a quantity', 'inject/quantity.ts', field, parseQuantity],
  ['a key', 'inject/patch/operations.ts', field, (text) => pointer(text)],
  [
    'what stays of an init container',
    'inject/patch/patch-base64.ts',
    field,
    (text) => patchToBase64([{ op: 'add', path: '/spec/initContainers', value: [{ args: [text] }] }]),
  ],
  ['a schedule', 'util/cron-schedule.ts', field, (text) => findNextRun(text, 0)],
  ['a key in a JSON pointer', 'util/json-pointer.ts', annotation, (text) => unescapedKey(escapedKey(text))],
  [
    'a key in the path of a patch',
    'admission/apply-patch.ts',
    annotation,
    (text) =>
      applyPatch({ metadata: { annotations: { [text]: '' } }, spec: { containers: [] } }, [
        { op: 'replace', path: pointer('metadata', 'annotations', text), value: '' },
      ]),
  ],
  ['a JSON object', 'util/json-object.ts', annotation, parseObject],
  ["a status of Istio's", 'pod/istio-status.ts', annotation, readIstioStatus],
  [
    'names of sidecars that were made native',
    'pod/stripped.ts',
    annotation,
    (text) => readNativeNames({ 'clockout.dev/native': text }),
  ],
  ["a version of Istio's", 'pod/istio-version.ts', field, readIstioMinor],
  [
    'a proxy config to drain by',
    'inject/native/drain.ts',
    field,
    (text) => setDrain({ name: 'a', env: [{ name: 'PROXY_CONFIG', value: text }] }, 0),
  ],
  ['a hook that waits', 'inject/native/native-container.ts', field, withHook],
  ['a status', 'pod/status.ts', annotation, (text) => readStatus({ 'clockout.dev/status': text })],
  ['an image reference', 'oci/reference.ts', field, parseReference],
  ['the host of an image', 'oci/reference.ts', field, (text) => parseReference(`a.b${text.slice(0, 900)}/c`)],
  ['the path of an image', 'oci/reference.ts', field, (text) => parseReference(`a.b/${text.slice(0, 900)}`)],
  [
    'an address in a pull secret',
    'oci/credentials/docker-config.ts',
    annotation,
    (text) => decodeSecret({ [text]: { username: 'a' } }),
  ],
  ['a login in a pull secret', 'oci/credentials/docker-config.ts', annotation, (auth) => decodeSecret({ a: { auth } })],
  ['a pattern in a pull secret', 'oci/credentials/docker-config.ts', annotation, (text) => selectFrom(`${text}.io`)],
  ['what is remembered', 'util/lru.ts', field, (text) => cache.set(text, text)],
  ['the name of a pull secret', 'image-lookup/pull-secrets.ts', field, pulledWith],
  ['the platform of a node', 'image-lookup/wanted-platforms.ts', field, onNodes],
  [
    'a pod that does not decode',
    'admission/find-wrong.ts',
    field,
    (text) => decodePod({ metadata: { annotations: { [text]: 5 } }, spec: { containers: [] } }),
  ],
  ['YAML', 'manifests/yaml/parse.ts', annotation, read, 'nodes'],
  ['documents', 'manifests/yaml/documents.ts', annotation, (text) => read(`a\n---\n${text}\n---\n${text}`), 'nodes'],
  [
    'JSON',
    'manifests/yaml/json.ts',
    annotation,
    (text) => read(`{"a": ${JSON.stringify(text)}, "b": [${text}`),
    'nodes',
  ],
  [
    'values',
    'manifests/yaml/resolve.ts',
    annotation,
    (text) => [resolvePlain(`1${text}`), resolvePlain(`.${text}`)],
    'nodes',
  ],
  [
    'tagged values',
    'manifests/yaml/resolve.ts',
    annotation,
    (text) => [resolveTagged(text, 'binary'), resolveTagged(text, 'timestamp')],
    'nodes',
  ],
  ['a block scalar', 'manifests/yaml/scan/scan-block.ts', annotation, (text) => read(`a: |\n  ${text}`), 'nodes'],
  [
    'a quoted scalar',
    'manifests/yaml/scan/scan-quoted.ts',
    annotation,
    (text) => read(`"${text}"\n'${text}'`),
    'nodes',
  ],
  [
    'what follows a document',
    'manifests/yaml/parse/parse-document.ts',
    annotation,
    (text) => read(`a\n...\n${text}`),
    'nodes',
  ],
  ['a new value', 'manifests/yaml/print.ts', annotation, (text) => printYaml({ [text]: [text] }, blockStyle), 'nodes'],
  ['a text to patch', 'manifests/yaml/layout.ts', annotation, patchText, 'nodes'],
  ['a value to fill', 'manifests/yaml/edits.ts', annotation, patchText, 'nodes'],
  ['a line of a text to patch', 'manifests/yaml/other-breaks.ts', annotation, patchText, 'nodes'],
  ['a warning', 'util/text.ts', field, (text) => shortened(text, 800)],
  ['text to clean', 'util/text.ts', field, printable],
  ['a flag in advice', 'util/called.ts', field, (text) => createCalled('a', { as: text })('end')],
  ['a sentence for a terminal', 'util/wrap.ts', field, (text) => wrapText(text, 80)],
  ['a name', 'util/dns-name.ts', field, isDnsLabel],
  ['a longer name', 'util/dns-name.ts', field, isDnsSubdomain],
  ['a line of the log', 'telemetry/line.ts', field, (text) => boundLine(`${JSON.stringify({ text })}\n`)],
];

/** Times JSON.parse of the same text. A linear reader takes up to about 200, and a quadratic one 5,000 for the shorter texts. */
const mostRatio = 2000;
/** What makes several objects of a few characters takes up to about 6,000. */
const mostOfNodes = 20_000;
const short = 4 * KiB;
/** Each length is this many times the one before: a quadratic reader is found before a text takes it minutes. */
const step = 4;
/** A reader that seems to take longer is measured again, at most this often: a quadratic one takes longer each time. */
const rounds = 30;
/** In microseconds. After this time it is measured three times at least, and no more. */
const patience = 1_000_000;

/** Microseconds of this thread's CPU. */
function cpuOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}

/** The least of some rounds, without garbage collection and the ticks of a clock in milliseconds. */
function least(rounds: number, enough: number, work: () => unknown): number {
  let [found, spent] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < rounds && found > enough && (i < 3 || spent < patience); i++) {
    const cpu = cpuOf(work);
    found = Math.min(found, cpu);
    spent += cpu;
  }
  return found;
}

const parseTimes = new Map<number, number>();

/** Repeats the work until the clock can measure it. */
function parseTime(length: number): number {
  const known = parseTimes.get(length);
  if (known !== undefined) return known;
  const json = JSON.stringify('x'.repeat(length));
  let [cpu, times] = [0, 25];
  while (cpu < 20_000) {
    times *= 2;
    cpu = cpuOf(() => {
      for (let i = 0; i < times; i++) JSON.parse(json);
    });
  }
  parseTimes.set(length, cpu / times);
  return cpu / times;
}

describe('readers of hostile text', () => {
  const texts = hostileTexts(short);

  it.each(readers)('%s is read in linear time', (_name, _file, longest, read, nodes) => {
    const most = nodes ? mostOfNodes : mostRatio;
    const shortTime = parseTime(short);
    // Far from too long: one round is enough to know that.
    const enough = (shortTime * most) / 100;
    const found = Object.entries(texts).map(([name, text]) => ({
      name,
      ratio: least(2, enough, () => read(text)) / shortTime,
    }));
    const worst = found.sort((a, b) => b.ratio - a.ratio).slice(0, 3);
    // If the machine stops for a moment, all rounds of that moment are slow.
    const again = (name: string) => least(rounds, shortTime * most, () => read(`${texts[name]}`)) / shortTime;
    expect(worst.filter(({ name, ratio }) => ratio > most && again(name) > most)).toEqual([]);

    const names = worst.map(({ name }) => name);
    for (let length = Math.min(short * step, longest); ; length = Math.min(length * step, longest)) {
      const time = parseTime(length);
      for (const [name, text] of Object.entries(hostileTexts(length, names))) {
        const ratio = least(rounds, time * most, () => read(text)) / time;
        expect(ratio, `${name}, ${length} characters: times JSON.parse`).toBeLessThanOrEqual(most);
      }
      if (length === longest) break;
    }
  });
});

it('every file that parses text from a pod has a row in the table of readers', () => {
  const src = join(import.meta.dirname, '../../src');
  const takesApart =
    /\.split\(|\.replace(All)?\(|\.match(All)?\(|JSON\.parse|parseObject\(|URL\.canParse|new RegExp|\.exec\(|\.test\(/;
  const parts = [
    'admission',
    'pod',
    'decide',
    'entrypoint',
    'inject',
    'image-lookup',
    'util',
    'telemetry',
    'manifests/yaml',
  ];
  // It reads our own scripts.
  const exempt = ['wrapper/scripts.ts'];
  const below = (part: string) => readdirSync(join(src, part), { recursive: true, encoding: 'utf8' });
  // The rest of oci/ reads what registries and operators write.
  const files = [
    'oci/reference.ts',
    'oci/credentials/docker-config.ts',
    ...parts.flatMap((part) => below(part).map((file) => `${part}/${file}`)),
  ];
  const found = files.filter((file) => file.endsWith('.ts') && takesApart.test(readFileSync(join(src, file), 'utf8')));
  const rows = new Set(readers.map(([, file]) => file));
  expect(found.filter((file) => !rows.has(file) && !exempt.includes(file))).toEqual([]);
});
