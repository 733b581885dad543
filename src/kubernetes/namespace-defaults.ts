/**
 * Follows what the annotations of namespaces set for their pods. Only those annotations are kept, as one text for each namespace that
 * has any, so that 10,000 namespaces take a few MiB. While the API server does not answer, the last known ones hold.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import { LRUCache } from 'lru-cache';
import type { AllowedAnnotations } from '../pod/annotations/parse.ts';
import {
  type Defaults,
  describeDefault,
  longestDefaults,
  pickOwn,
  readNamespaceDefaults,
  tooLongDefaults,
} from '../pod/annotations/read-defaults.ts';
import { createObjectCutter } from './cut-objects.ts';
import { explainError } from './errors.ts';
import { followList } from './follow-list.ts';
import { streamAnswer } from './stream-answer.ts';

export type FollowedNamespaces = {
  defaultsOf: (namespace: string) => Defaults | undefined;
  /** `awaited`: at the start, until all namespaces have been read, or that has taken too long. */
  state: () => 'awaited' | 'known' | 'unknown';
  stop: () => void;
};

export type NamespaceEvents = {
  /** Defaults of a namespace have no effect. Each problem is a sentence. */
  ineffective: (namespace: string, problems: string[]) => void;
  /** @param problem a sentence; the watch is tried again */
  failed: (problem: string) => void;
};

type Options = { allowed?: AllowedAnnotations; events: NamespaceEvents; now: () => number };

/** Needs `list` and `watch` on namespaces. */
export function followNamespaceDefaults(config: KubeConfig, { allowed, events, now }: Options): FollowedNamespaces {
  const begun = now();
  let isRead = false;
  const read = createReader(allowed);
  /** Of namespaces that set defaults: these as JSON, and the pass that saw them last. */
  const known = new Map<string, { text: string; pass: number }>();
  let characters = 0;

  const forget = (name: string) => {
    characters -= known.get(name)?.text.length ?? 0;
    known.delete(name);
  };
  const keep = ({ metadata: { name = '', annotations } }: NamespaceMetadata, pass: number) => {
    const text = toText(annotations);
    const before = known.get(name)?.text;
    forget(name);
    if (text === undefined) return;
    if (characters + text.length > mostCharacters) return events.ineffective(name, [noRoom]);
    characters += text.length;
    known.set(name, { text, pass });
    const { problems } = read(text);
    if (problems.length > 0 && text !== before) events.ineffective(name, problems.slice(0, 10).map(describeDefault));
  };

  const { stop } = followList<NamespaceMetadata>(asMetadata(config), {
    path,
    list: (page) => listMetadata(config, page),
    onObject: keep,
    onGone: ({ metadata }) => forget(metadata.name ?? ''),
    onComplete: (pass) => {
      isRead = true;
      for (const [name, each] of known) if (each.pass !== pass) forget(name);
    },
    onError: (error) => events.failed(explainError('watch the namespaces of the cluster', error, remedy)),
  });

  return {
    defaultsOf: (namespace) => {
      const found = known.get(namespace);
      return found && read(found.text);
    },
    state: () => (isRead ? 'known' : now() - begun < patienceMilliseconds ? 'awaited' : 'unknown'),
    stop,
  };
}

// --- internal ---

const path = '/api/v1/namespaces';

const remedy = 'the chart gives it the right with `namespaceDefaults`, unless `rbac.create` is false';

/** A cluster that does not answer must not stop a replica from wrapping pods. */
const patienceMilliseconds = 10_000;

/** Of all namespaces together. */
const mostCharacters = 8 * 1024 * 1024;

const noRoom = `the annotations clockout.dev/… of all namespaces together have more than ${mostCharacters} characters, so those of this namespace have no effect`;

type NamespaceMetadata = {
  metadata: { name?: string; resourceVersion?: string; annotations?: Record<string, unknown> | null };
};

/** @returns undefined for a namespace that sets no defaults */
function toText(annotations: NamespaceMetadata['metadata']['annotations']): string | undefined {
  const own = pickOwn(annotations ?? {});
  if (Object.keys(own).length === 0) return undefined;
  const text = JSON.stringify(own);
  return text.length <= longestDefaults ? text : tooLong;
}

/** Stands for defaults that are longer than Clockout keeps. */
const tooLong = '';

/** Most namespaces that set defaults set the same few. */
function createReader(allowed: AllowedAnnotations): (text: string) => Defaults {
  const cache = new LRUCache<string, Defaults>({ max: 200 });
  const parse = (text: string) =>
    (text === tooLong ? undefined : readNamespaceDefaults(JSON.parse(text), allowed)) ?? tooLongDefaults;
  return (text) => {
    const defaults = cache.get(text) ?? parse(text);
    cache.set(text, defaults);
    return defaults;
  };
}

/** Without specs and statuses. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
const metadataOf = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/** The library's watch has no option for the header. */
function asMetadata(config: KubeConfig): KubeConfig {
  const own = Object.create(config) as KubeConfig;
  own.applySecurityAuthentication = async (context) => {
    await config.applySecurityAuthentication(context);
    context.setHeaderParam('Accept', metadataOf('PartialObjectMetadata'));
  };
  return own;
}

/** etcd takes no larger object. */
const maxObjectBytes = 2 * 1024 * 1024;
const maxPageBytes = 512 * 1024 * 1024;
const pageMilliseconds = 60_000;

type Page = { limit: number; _continue?: string };
type Part = Partial<NamespaceMetadata> & { resourceVersion?: string; continue?: string };

/** Keeps of each namespace only what Clockout reads: its annotations can have 256 KiB. */
async function listMetadata(config: KubeConfig, { limit, _continue: next }: Page) {
  const items: NamespaceMetadata[] = [];
  const metadata: { resourceVersion?: string; _continue?: string } = {};
  const cutter = createObjectCutter((text) => {
    const part: Part = text === undefined ? {} : JSON.parse(text);
    if (part.resourceVersion !== undefined) metadata.resourceVersion = part.resourceVersion;
    if (part.continue) metadata._continue = part.continue;
    const { name, annotations } = part.metadata ?? {};
    if (name !== undefined) items.push({ metadata: { name, annotations: pickOwn(annotations ?? {}) } });
  }, maxObjectBytes);
  const query = { limit: `${limit}`, ...(next !== undefined && { continue: next }) };
  const accept = metadataOf('PartialObjectMetadataList');
  const signal = AbortSignal.timeout(pageMilliseconds);
  for await (const chunk of streamAnswer(config, { path, query, accept, maxBytes: maxPageBytes, signal }))
    cutter.add(chunk);
  if (!cutter.isComplete()) throw new Error('its answer is cut off');
  return { items, metadata };
}
