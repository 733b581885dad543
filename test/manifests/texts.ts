/** Generated manifests: pods that are wrapped, printed in every style that YAML has for them. */
import fc from 'fast-check';
import { Document, isMap, isScalar, isSeq, type ToStringOptions, visit } from 'yaml';
import { parseYaml } from '../../src/manifests/yaml/parse.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { anyPod } from '../support/arbitraries.ts';

/** Most generated pods leave a command out, and are left alone for it: these all say what they run. */
export const patchedPod = anyPod.map(({ spec, ...pod }) => {
  const containers = spec.containers.map((c) => ({ ...c, command: c.command?.length ? c.command : ['/app'] }));
  return { ...pod, spec: { ...spec, containers } };
});

const around = fc.constantFrom<(pod: Pod) => unknown>(
  (pod) => ({ apiVersion: 'v1', kind: 'Pod', ...pod }),
  (template) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j' }, spec: { template, backoffLimit: 1 } }),
  (template) => ({ apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: { spec: { template } } } }),
  (pod) => ({ apiVersion: 'v1', kind: 'List', items: [{ kind: 'Other' }, { apiVersion: 'v1', kind: 'Pod', ...pod }] }),
);

/** Numbers to draw from, one for each node of a document in turn. */
const choices = fc.array(fc.nat(99), { minLength: 1, maxLength: 40 });

const printing = fc.record<ToStringOptions>({
  indent: fc.constantFrom(2, 4, 3),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 80),
  singleQuote: fc.constantFrom(true, false, null),
  defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
  flowCollectionPadding: fc.boolean(),
  nullStr: fc.constantFrom('null', '~', ''),
});

/** In YAML of one style or another, with comments: on lines of their own, behind values, at the end. */
function printDocument(value: unknown, options: ToStringOptions, choices: number[], isFlow: boolean): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  let drawn = 0;
  const draw = () => choices[drawn++ % choices.length] ?? 0;
  const decorate = (node: unknown) => {
    if (isMap(node) || isSeq(node)) node.flow = isFlow && draw() < 25;
    else if (!isScalar(node)) return;
    if (draw() < 15) node.commentBefore = ` before ${drawn}`;
    if (draw() < 10) node.spaceBefore = true;
    const isMultiline = isScalar(node) && String(node.value).includes('\n');
    if (draw() < 15 && !isMultiline) node.comment = ` behind ${drawn}`;
  };
  visit(document, { Pair: (_, { value }) => decorate(value), Seq: (_, { items }) => void items.map(decorate) });
  return document.toString(options);
}

const yamlText = fc
  .record({
    pod: patchedPod,
    around,
    printing,
    choices,
    isFlow: fc.boolean(),
    crlf: fc.boolean(),
    bom: fc.boolean(),
    cut: fc.boolean(),
  })
  .map(({ pod, around, printing, choices, isFlow, crlf, bom, cut }) => {
    const printed = printDocument(around(pod), printing, choices, isFlow);
    const text = cut ? printed.trimEnd() : printed;
    return (bom ? '\ufeff' : '') + (crlf ? text.replace(/\r?\n/g, '\r\n') : text);
  })
  // What yaml prints does not always read back, such as comments at the start of a line in a flow collection.
  .filter((text) => parseYaml('x', text).ok);

export const jsonText = fc
  .record({ pod: patchedPod, around, space: fc.constantFrom('', ' ', '  ', '    ', '\t') })
  .map(({ pod, around, space }) => JSON.stringify(around(pod), null, space));

export const anyText = fc.oneof({ weight: 3, arbitrary: yamlText }, { weight: 1, arbitrary: jsonText });
