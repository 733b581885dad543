/** What holds for every pod that the API server could send. */
import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { decodePod } from '../../src/admission/decode-pod.ts';
import type { Outcome } from '../../src/admission/outcome.ts';
import type { WrapPlan } from '../../src/inject/plan.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { guardScript, initScript, runScript } from '../../src/wrapper/scripts.ts';
import { anyPod } from '../support/arbitraries.ts';
import { kubeletExpand } from '../support/kubelet.ts';
import { frozen, settings } from '../support/pods.ts';
import { numRuns } from '../support/runs.ts';

const image = { found: true as const, digest: 'sha256:0', entrypoint: ['/entry', '$(HOME)', '$'], cmd: ['cmd$$'] };
const admit = (pod: Pod) => admitPod(frozen(pod), { from: 'server' }, settings, async () => image);

type Patched = Extract<Outcome, { kind: 'patched' }> & { plan: WrapPlan };

const law = (name: string, holds: (pod: Pod, outcome: Patched) => void | Promise<void>) =>
  it(name, () =>
    fc.assert(
      fc.asyncProperty(anyPod, async (pod) => {
        const outcome = await admit(pod);
        if (outcome.kind !== 'patched') return;
        const { plan } = outcome;
        if (plan.strategy === 'wrap') await holds(pod, { ...outcome, plan });
      }),
      { numRuns: numRuns(300) },
    ),
  );

describe('for every pod', () => {
  law('the patch applies, and gives what was checked', (pod, { patch, patched }) => {
    const sent = JSON.parse(JSON.stringify(patch));
    expect(jsonPatch.applyPatch(structuredClone(pod), sent, true).newDocument).toEqual(patched);
  });

  law('nothing is touched but what is ours', (pod, { patch, plan }) => {
    const guarded = `/spec/containers/(${['', ...plan.sidecars.map(({ index }) => index)].join('|')})`;
    const app = `/spec/containers/(${plan.containers.map(({ index }) => index).join('|')})`;
    const ours = new RegExp(
      `^(/spec/volumes|/spec/initContainers(/\\d+/restartPolicy)?|${app}/(command|args|(readiness|liveness|startup)Probe)` +
        `|${guarded}/lifecycle(/postStart(/exec/command)?)?|/spec/(initContainers|containers)/\\d+/volumeMounts` +
        '|/metadata/annotations/clockout.dev~1status)(/-)?$',
    );
    const replaceable = new RegExp(`^(${app}/(command|args)|.*/postStart/exec/command|/metadata/.*)$`);
    for (const { op, path } of patch) {
      expect(path).toMatch(ours);
      const before = path.endsWith('/-') ? undefined : valueAt(pod, path);
      expect(op).toBe(before === undefined ? 'add' : 'replace');
      if (before != null) expect(path).toMatch(replaceable);
    }
  });

  law('a second call has nothing to do', async (_, { patched }) => {
    expect((await admit(patched)).kind).toBe('complete');
  });

  law('the wrapper runs the argv that the container would have run', (pod, { patched, plan }) => {
    for (const { index } of plan.containers) {
      expect(expanded(patched.spec.containers[index]?.args)).toEqual(ownArgv(pod.spec.containers[index]));
      expect(expanded(patched.spec.containers[index]?.command).at(-1)).toBe('--');
    }
  });

  law('the scripts arrive as they are', (_, { patched }) => {
    const init = patched.spec.initContainers?.find(({ name }) => name === 'clockout-init');
    expect([expanded(init?.command)[3], ...expanded(init?.args).slice(0, 2)]).toEqual([
      initScript,
      runScript,
      guardScript,
    ]);
  });

  it('its fields can be read', () => {
    fc.assert(fc.property(anyPod, (pod) => decodePod(pod).ok));
  });

  it('most are wrapped, so that the laws speak of something', async () => {
    const kinds = await Promise.all(fc.sample(anyPod, 300).map(async (pod) => (await admit(pod)).kind));
    expect(kinds.filter((kind) => kind === 'patched').length).toBeGreaterThan(200);
  });
});

const expanded = (words: readonly string[] | null | undefined) =>
  (words ?? []).map((word) => kubeletExpand(word, { HOME: '/root', A: '$(HOME)' }));

/** What the container would run without us. */
function ownArgv(container: Container | undefined): string[] {
  const args = expanded(container?.args);
  if (container?.command?.length) return [...expanded(container.command), ...args];
  return [...image.entrypoint, ...(args.length > 0 ? args : image.cmd)];
}

const valueAt = (pod: Pod, path: string) => jsonPatch.getValueByPointer(structuredClone(pod), path);
