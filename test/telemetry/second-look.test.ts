import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { readLook } from '../../src/telemetry/second-look.ts';
import { app, jobPod, proxy } from '../support/pods.ts';

const token = { name: 'kube-api-access-abcde', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
const mounted = { volumeMounts: [token] };

function pod(
  istio: Container,
  { owned = [] as string[], apps = [app(mounted)], init = [] as Container[], fields = true } = {},
) {
  const keys = Object.fromEntries(['app', ...owned].map((name) => [`k:{"name":"${name}"}`, {}]));
  const managedFields = [{ manager: 'kube-controller-manager', fieldsV1: { 'f:spec': { 'f:containers': keys } } }];
  const made = jobPod({ spec: { containers: [...apps, ...(init.length ? [] : [istio])], initContainers: init } });
  return { ...made, metadata: { ...made.metadata, ...(fields && { managedFields }) } } as Pod;
}

describe('readLook', () => {
  it.each<[string, Pod, string]>([
    ['Istio has just added its container', pod(proxy()), 'first'],
    ['its container has got the token', pod(proxy(mounted)), 'later'],
    ['a native one has got it', pod(proxy(), { init: [proxy({ ...mounted, restartPolicy: 'Always' })] }), 'later'],
    ["the manifest has Istio's container", pod(proxy(mounted), { owned: ['istio-proxy'] }), 'unknown'],
    ['nobody knows who added it', pod(proxy(mounted), { fields: false }), 'unknown'],
    ['no container has a token', pod(proxy(), { apps: [app()] }), 'unknown'],
    ['there is no Istio', jobPod(), 'unknown'],
  ])('%s', (_, made, expected) => expect(readLook(made)).toBe(expected));

  it('is the first for a pod as recorded from a cluster', () => {
    const file = new URL('../testdata/pods/classic-never-args.json', import.meta.url);
    expect(readLook(JSON.parse(readFileSync(file, 'utf8')).request.object)).toBe('first');
  });
});
