/** The policies as YAML, with comments. */
import { printYaml } from '../manifests/yaml/print.ts';
import type { Described } from './policies.ts';

/** @param limits what the policies cannot do, in sentences */
export function renderPolicies(policies: readonly Described[], limits: readonly string[]): string {
  const head = [
    'MutatingAdmissionPolicies that make the sidecars of Job pods native, without a server.',
    'They do what Clockout does with the strategy `native`, except for this:',
    ...limits.map((limit) => `- ${limit}`),
  ];
  const documents = policies.map(({ about, object }) => comment(about) + printYaml(object, style));
  return [head.map(comment).join(''), ...documents].join('---\n');
}

// --- internal ---

/** Expressions keep their lines. */
const style = { indent: 2, indentSeq: true, literals: true };

const comment = (text: string) => text.replace(/^/gm, '# ').concat('\n');
