import { describe, expect, it } from 'vitest';
import { formatSeconds } from '../../src/explain/ending-words.ts';
import { type EndingToken, listEndings, ways } from '../../src/explain/endings.ts';
import type { WrapPlan, WrappedContainer } from '../../src/inject/plan.ts';
import { defaultOptions } from '../../src/pod/annotations/table.ts';

const container: WrappedContainer = {
  name: 'app',
  index: 0,
  entrypoint: { argv: ['/app'], source: 'pod' },
  before: [],
  wait: 120,
  onWaitTimeout: 'start',
  stop: 'TERM',
  end: 'any',
  restarts: false,
  startTimeout: 3600,
  probes: 'none',
};

const proxy = {
  name: 'istio-proxy',
  index: 1,
  quitUrl: 'http://127.0.0.1:15020/quitquitquit',
  termAfter: 10,
  guard: { runs: true, hook: [] as string[] },
} as const;

const plan: WrapPlan = {
  strategy: 'wrap',
  repairs: [],
  sidecar: 'injected',
  port: 15020,
  quit: 30,
  quitDelay: 0,
  reportAfter: 0,
  quitUrls: [],
  sidecars: [proxy],
  sharedProcesses: false,
  containers: [container],
  initContainer: { image: 'i', runAsUser: 1, resources: {} },
  tokenMount: undefined,
  annotations: defaultOptions,
  version: '0',
};

const unguarded = (reason: 'annotation' | 'quit-never') => [{ ...proxy, guard: { runs: false, reason } as const }];
const noGuard = { sidecars: unguarded('annotation') };
const manifest: Partial<WrapPlan> = { sidecar: 'expected', sidecars: [] };
const never = { quit: 'never', sidecars: unguarded('quit-never') } as const;
const sql = { name: 'cloud-sql-proxy', index: 2, quitUrl: 'x', guard: { runs: true, hook: [] as string[] } } as const;
const onFailure = { end: 'zero', startTimeout: 0 } as const;

type Case = [string, Partial<WrapPlan>, Partial<WrappedContainer>, boolean, EndingToken[]];

describe('which ends leave the pod hanging', () => {
  it.each<Case>([
    ['Never, with the guard', {}, {}, false, []],
    ['OnFailure, with the guard', {}, onFailure, true, []],
    ['Never, without it', noGuard, {}, false, ['killed', 'not-started', 'proxy-silent']],
    ['Never, a manifest', { sidecar: 'expected', sidecars: [] }, {}, false, ['killed', 'not-started']],
    ['OnFailure, without it', noGuard, onFailure, true, ['proxy-silent']],
    ['other sidecars, one without TERM', { sidecar: 'other', sidecars: [sql] }, {}, false, ['proxy-silent']],
    ['Never, start-timeout 0', {}, { startTimeout: 0 }, false, ['not-started']],
    ['Never, quit: on-success', {}, { end: 'zero' }, false, ['exit-other', 'killed', 'no-program', 'not-started']],
    ['OnFailure, quit: always', {}, { end: 'any', startTimeout: 0 }, true, []],
    ['OnFailure, quit: always, without the guard', noGuard, { end: 'any', startTimeout: 0 }, true, ['proxy-silent']],
    [
      'Never, quit: never',
      never,
      {},
      false,
      ['exit-zero', 'exit-other', 'killed', 'no-program', 'not-started', 'proxy-silent'],
    ],
    ['OnFailure, quit: never', never, onFailure, true, ['exit-zero', 'proxy-silent']],
  ])('%s', (_, changes, changed, restarts, hanging) => {
    const endings = listEndings({ ...plan, ...changes }, { ...container, ...changed, restarts });
    expect(endings.filter(({ hangs }) => hangs).map(({ when }) => when)).toEqual(hanging);
  });
});

const resultOf = (
  when: EndingToken,
  changes: Partial<WrapPlan> = {},
  changed: Partial<WrappedContainer> = {},
  restarts = false,
) =>
  listEndings({ ...plan, ...changes }, { ...container, ...changed, restarts }).find((ending) => ending.when === when)
    ?.result;

describe('what is said', () => {
  it.each<[EndingToken, RegExp, Partial<WrapPlan>?, Partial<WrappedContainer>?, boolean?]>([
    ['exit-zero', /^the proxy is asked to exit; the pod succeeds$/],
    ['exit-zero', /^when the other wrapped containers have ended, too, /, { containers: [container, container] }],
    ['exit-zero', /asked to exit after 1\.5s; /, { quitDelay: 1.5 }],
    ['exit-other', /the pod fails, with the same code$/],
    ['exit-other', /^the kubelet starts it again; the proxy stays until it exits with code 0/, {}, onFailure, true],
    ['exit-other', /fails with code 124$/, {}, {}, true],
    ['exit-other', /without its sidecar .*: it waits up to 2m .* starts anyway$/, noGuard, {}, true],
    ['exit-other', /without its sidecar .*: it does not wait/, noGuard, { wait: 0 }, true],
    ['exit-other', /without its sidecar .* fails with code 124, without/, noGuard, { onWaitTimeout: 'fail' }, true],
    ['killed', /^the guard sees it .*; the pod fails$/],
    ['killed', /^the guard sees it .* fails with code 124$/, {}, {}, true],
    ['killed', /^the kubelet starts it again; the proxy stays$/, noGuard, {}, true],
    ['not-started', /stops waiting after 1h /],
    ['not-started', /^the kubelet tries again/, {}, onFailure, true],
    ['deleted', /^the app gets the same signal as without a wrapper; the proxy gets its own/],
    ['deleted', /^the app does not get SIGBUS, and is killed/, {}, { badStop: { signal: 'SIGBUS', from: 'pod' } }],
    ['proxy-late', /^it waits up to 2m .* it starts anyway$/],
    ['proxy-late', /fails with code 124/, {}, { onWaitTimeout: 'fail' }],
    ['proxy-late', /^it does not wait/, {}, { wait: 0 }],
    ['proxy-late', /^it does not wait/, { port: 0 }],
    ['proxy-silent', /up to 30s.*the guard continues/],
    ['proxy-silent', /up to 30s.*up to 10m/, manifest],
    ['proxy-silent', /the pod hangs until cloud-sql-proxy accepts one$/, { sidecars: [proxy, sql] }],
    ['proxy-silent', /^Clockout does not ask the proxy to exit .* istio-proxy keeps the pod running/, never],
    ['exit-zero', /^each sidecar is asked to exit;/, { sidecars: [proxy, sql] }],
    ['proxy-native', /as without a wrapper: Kubernetes ends a native sidecar/, manifest],
    ['proxy-native', /the wrapper stays for the other sidecars/, { sidecar: 'expected', sidecars: [sql] }],
    ['proxy-native', /the wrapper stays/, { ...manifest, quitUrls: ['http://localhost:1/x'] }],
  ])('%s: %s', (when, expected, changes, changed, restarts) => {
    expect(resultOf(when, changes, changed, restarts)).toMatch(expected);
  });

  it('says for which containers the pod waits, though Clockout does not', () => {
    const rows = listEndings(plan, container, { leftOut: ['shipper'] });
    const result = (when: EndingToken) => rows.find((one) => one.when === when)?.result;
    expect(result('exit-zero')).toBe('the proxy is asked to exit; when shipper has exited, too, the pod succeeds');
    for (const when of ['exit-other', 'killed', 'not-started'] as const)
      expect(result(when)).toContain('; when shipper has exited, too, the pod fails');
  });

  it('names the sidecar that keeps the pod running, in every row that hangs', () => {
    const known = { ...sql, guard: { runs: false, reason: 'foreign-hook' } as const };
    const rows = [
      listEndings({ ...plan, ...never }, container),
      listEndings({ ...plan, ...noGuard }, container),
      listEndings({ ...plan, ...manifest }, container),
      listEndings(plan, { ...container, end: 'zero' }),
    ].flat();
    for (const { hangs, result } of rows) if (hangs) expect(result).toContain('istio-proxy');
    const killed = listEndings({ ...plan, sidecars: [proxy, known] }, container).find(({ when }) => when === 'killed');
    expect(killed?.result).toMatch(/: cloud-sql-proxy keeps the pod running/);
  });

  it('hangs at every end that is one, if nothing ends a sidecar', () => {
    const endings = listEndings(plan, container, { endless: ['shipper'] });
    const hanging = endings.filter(({ hangs }) => hangs);
    expect(hanging.map(({ when }) => when)).toEqual([
      'exit-zero',
      'exit-other',
      'killed',
      'no-program',
      'not-started',
      'proxy-silent',
    ]);
    for (const { result } of hanging) expect(result).toContain('shipper keeps the pod running');
    const retried = listEndings(plan, { ...container, ...onFailure, restarts: true }, { endless: ['shipper'] });
    expect(retried.filter(({ hangs }) => hangs).map(({ when }) => when)).toEqual(['exit-zero', 'proxy-silent']);
  });

  it('is said for every way, once', () => {
    const said = listEndings({ ...plan, sidecar: 'expected' }, container).map(({ when }) => when);
    expect(said).toEqual(Object.keys(ways));
    expect(resultOf('proxy-native')).toBeUndefined();
  });
});

it.each([
  [0, '0s'],
  [30, '30s'],
  [60, '1m'],
  [90, '90s'],
  [3600, '1h'],
  [5400, '90m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
