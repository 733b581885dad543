/** The golden manifests as objects. Tests of their content need no Helm. golden.chart.ts checks that the chart renders them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { frozen } from '../../support/pods.ts';

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels: Record<string, string>; annotations?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: manifests of twenty kinds, and each test reads a few fields
  [field: string]: any;
};

const folder = import.meta.dirname;

/** Names of the values files. Each has a golden of the same name. */
export const valuesFiles = readdirSync(join(folder, 'values')).map((file) => file.replace('.yaml', ''));

export const valuesFile = (name: string) => join(folder, 'values', `${name}.yaml`);
export const goldenFile = (name: string) => join(folder, 'golden', `${name}.yaml`);

export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text, { uniqueKeys: true })
    .map((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    })
    .filter((manifest) => manifest !== null);

/** Parsed once: tests only read them. */
const goldens = new Map<string, Manifest[]>();

function golden(name: string): Manifest[] {
  const manifests = goldens.get(name) ?? frozen(parseManifests(readFileSync(goldenFile(name), 'utf8')));
  goldens.set(name, manifests);
  return manifests;
}

/** The only manifest of a kind. Throws if there are more or none. */
export function only(manifests: Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  if (found.length !== 1 || !found[0]) throw new Error(`expected one ${kind}, found ${found.length}`);
  return found[0];
}

/** What `helm install` creates. */
export const installed = (name: string): Manifest[] =>
  golden(name).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined);

/** The configuration that the API server calls after Istio's. */
export const webhooksOf = (name: string): Manifest =>
  only(
    installed(name).filter((manifest) => !isAsking(manifest)),
    'MutatingWebhookConfiguration',
  );

/** The one that it calls before Istio's. */
export const askingWebhooksOf = (name: string): Manifest =>
  only(installed(name).filter(isAsking), 'MutatingWebhookConfiguration');

const isAsking = ({ metadata }: Manifest) => metadata.name.startsWith('aa-');

/** What `helm test` creates, and deletes again. */
export const hooks = (name: string): Manifest[] =>
  golden(name).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
