import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { main } from '../../src/commands/program.ts';
import { apiVersions, createPolicies } from '../../src/policy/policies.ts';

type Expression = { name: string; expression: string };
type Printed = {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: {
    policyName?: string;
    reinvocationPolicy?: string;
    matchConditions?: Expression[];
    variables?: Expression[];
    mutations?: { jsonPatch?: { expression: string }; applyConfiguration?: { expression: string } }[];
  };
};

async function print(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    stdin: process.stdin,
    stdout: (text: string) => out.push(text),
    stderr: (text: string) => err.push(text),
  };
  const code = await main(['node', 'clockout', 'policy', ...args], {}, io);
  const stdout = out.join('');
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as Printed | null);
  return { code, stdout, stderr: err.join(''), objects: objects.filter((object) => object !== null) };
}

const expressionsOf = ({ spec }: Printed) => [
  ...[...(spec.matchConditions ?? []), ...(spec.variables ?? [])].map(({ expression }) => expression),
  ...(spec.mutations ?? []).map(
    ({ jsonPatch, applyConfiguration }) => `${(jsonPatch ?? applyConfiguration)?.expression}`,
  ),
];

describe('clockout policy prints', () => {
  it('policies that people can read', async () => {
    const { code, stdout, stderr } = await print();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    await expect(stdout).toMatchFileSnapshot('testdata/policies.golden.yaml');
  });

  it.each(apiVersions)('objects of the version %s, and what was made of code', async (apiVersion) => {
    const { objects } = await print('--api-version', apiVersion, '--sidecar', 'vault-agent', 'daprd');
    expect(new Set(objects.map((object) => object.apiVersion))).toEqual(
      new Set([`admissionregistration.k8s.io/${apiVersion}`]),
    );
    const made = createPolicies({ apiVersion, sidecars: ['vault-agent', 'daprd'] }).map(({ object }) => object);
    expect(objects).toEqual(JSON.parse(JSON.stringify(made)));
  });

  it('a policy for each sidecar, once, and two bindings for each policy', async () => {
    const { objects } = await print('--sidecar', 'vault-agent', '--sidecar', 'istio-proxy', 'vault-agent');
    const named = (kind: string) =>
      objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
    const policies = named('MutatingAdmissionPolicy');
    expect(policies).toEqual([
      'clockout-ask-istio',
      'clockout-convert-istio-proxy',
      'clockout-convert-vault-agent',
      'clockout-repair',
    ]);
    expect(named('MutatingAdmissionPolicyBinding')).toEqual(
      policies.flatMap((name) => [`${name}-namespaces`, `${name}-pods`]),
    );
  });

  it.each(['Vault', '-a', 'a'.repeat(64), "a' + 'b", 'a.b', ''])('no policy for a container named %j', async (name) => {
    const { code, stdout, stderr } = await print(`--sidecar=${name}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('expected the name of a container');
  });

  it('no policy of another version', async () => {
    expect(await print('--api-version', 'v1alpha1')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('a policy', () => {
  const policies = createPolicies({ apiVersion: 'v1', sidecars: ['linkerd-proxy', 'vault-agent'] }).flatMap(
    ({ object }) => {
      const printed: Printed = JSON.parse(JSON.stringify(object));
      return printed.kind === 'MutatingAdmissionPolicy' ? [printed] : [];
    },
  );

  it.each(policies)('$metadata.name selects the pods of Jobs as the chart does', ({ spec }) => {
    const template = readFileSync(join(import.meta.dirname, '../../charts/clockout/templates/_webhook.tpl'), 'utf8');
    const isJob = /define "clockout\.webhook\.isJob" -}}\n(.*)\n/.exec(template)?.[1];
    expect(spec.matchConditions?.[0]?.expression).toContain(`(${isJob})`);
    for (const { name, expression } of spec.matchConditions?.slice(1, 3) ?? []) {
      expect(template).toContain(`- name: ${name}\n  expression: ${JSON.stringify(expression)}`);
    }
  });

  it.each(policies)('$metadata.name has no value that is a list of objects, which panics the API server', (policy) => {
    for (const expression of expressionsOf(policy)) expect(expression).not.toMatch(/value:\s*\[(?!\])/);
  });

  it.each(policies)('$metadata.name has braces and quotes in pairs', (policy) => {
    for (const expression of expressionsOf(policy)) {
      const bare = expression.replace(/'(?:[^'\\]|\\.)*'/g, '');
      expect(bare).not.toContain("'");
      for (const [open, close] of ['()', '[]', '{}']) {
        expect(bare.split(`${open}`).length, expression).toBe(bare.split(`${close}`).length);
      }
    }
  });

  it.each(policies)('$metadata.name runs after webhooks, unless it asks Istio before', ({ metadata, spec }) => {
    const isBefore = metadata.name === 'clockout-ask-istio';
    expect(spec.reinvocationPolicy).toBe(isBefore ? 'Never' : 'IfNeeded');
  });

  it('waits for a mesh, and for no other sidecar', () => {
    const waits = policies.filter((policy) => expressionsOf(policy).some((text) => text.includes('/startupProbe/')));
    expect(waits.map(({ metadata }) => metadata.name)).toEqual([
      'clockout-convert-istio-proxy',
      'clockout-convert-linkerd-proxy',
    ]);
  });
});
