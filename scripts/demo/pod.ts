/** The Job's pod of the demo: recorded from a real cluster, before and after the patch. */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters, styleText } from 'node:util';
import { structuredPatch } from 'diff';
import jsonPatch from 'fast-json-patch';
import { stringify } from 'yaml';
import type { Pod } from '../../src/pod/schema.ts';
import type { Answer, Review } from './review.ts';

const recorded = new URL('../../test/testdata/pods/classic-never-args.json', import.meta.url);

/** A program that every machine has, and a status port that is free on this one. */
export function reviewOf(statusPort: number): Review {
  const review: Review = JSON.parse(readFileSync(recorded, 'utf8'));
  const { metadata, spec } = review.request.object;
  Object.assign(metadata?.annotations ?? {}, { 'status.sidecar.istio.io/port': `${statusPort}` });
  Object.assign(spec.containers.find(({ name }) => name !== 'istio-proxy') ?? {}, {
    command: ['/bin/sh', '-c'],
    args: ['echo "writing the report"; sleep 1; echo "the report failed"; exit 5'],
  });
  return review;
}

export function patchedPod({ request: { object } }: Review, { response }: Answer): Pod {
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString());
  return jsonPatch.applyPatch(structuredClone(object), operations).newDocument;
}

export function showDiff({ request: { object } }: Review, after: Pod): void {
  const { hunks } = structuredPatch('', '', asText(object), asText(after), '', '', { context: 1 });
  for (const { lines } of hunks) {
    for (const line of lines) console.log(`   ${paint(line.length > 110 ? `${line.slice(0, 109)}…` : line)}`);
    console.log(styleText('dim', '   …'));
  }
}

const colors = { '+': 'green', '-': 'red' } as const;
const paint = (line: string) => {
  const color = colors[line[0] as '+' | '-'];
  return color ? styleText(color, line) : styleText('dim', stripVTControlCharacters(line));
};

/** As YAML; a script is a comment's length, not its text. */
const asText = (pod: Pod) =>
  stringify(
    pod,
    (_, value) =>
      typeof value === 'string' && value.split('\n').length > 5 ? `… ${value.length} bytes of shell …` : value,
    {
      lineWidth: 0,
    },
  );
