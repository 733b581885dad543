/** The policies as YAML, with comments. */
import { Document } from 'yaml';
import type { Described } from './policies.ts';

/** @param limits what the policies cannot do, in sentences */
export function renderPolicies(policies: readonly Described[], limits: readonly string[]): string {
  const head = [
    'MutatingAdmissionPolicies that make the sidecars of Job pods native, without a server.',
    'They do what Clockout does with the strategy `native`, but for this:',
    ...limits.map((limit) => `- ${limit}`),
  ];
  const documents = policies.map(({ about, object }) => comment(about) + new Document(object).toString(style));
  return [head.map(comment).join(''), ...documents].join('---\n');
}

// --- internal ---

/** Expressions keep their lines. */
const style = { lineWidth: 0, blockQuote: 'literal' as const };

const comment = (text: string) => text.replace(/^/gm, '# ').concat('\n');
