/**
 * The pod templates of a cluster, within a bound. It reports those of namespaces that take part, and keeps the others as long
 * as there is room, in case their namespace joins later.
 */
import type { Template, TemplateEvents } from '../image-lookup/warm-up.ts';

/** `joins`: whether it takes part by itself, whatever its namespace does. */
export type StoredTemplate = Template & { joins: boolean };

export type StoreBounds = { maxTemplates: number; maxBytes: number };

/** As text, a template's size is known, and whether it has changed. */
type Kept = { list: string; pass: number; namespace: string; joins: boolean; text: string };

/** A usual template takes about 1 kB. */
const defaultBounds: StoreBounds = { maxTemplates: 10_000, maxBytes: 16 * 1024 * 1024 };

/** A larger one is looked up when its pods are created. */
const maxTemplateBytes = 16 * 1024;

export function createTemplateStore(
  { onTemplate, onGone }: TemplateEvents,
  { maxTemplates, maxBytes }: StoreBounds = defaultBounds,
) {
  /** With the pass that saw each last. */
  const namespaces = new Map<string, number>();
  const followed = new Map<string, Kept>();
  const others = new Map<string, Kept>();
  let bytes = 0;

  const takesPart = ({ namespace, joins }: Pick<Kept, 'namespace' | 'joins'>) => joins || namespaces.has(namespace);

  const forget = (uid: string) => {
    const wasFollowed = followed.has(uid);
    const kept = followed.get(uid) ?? others.get(uid);
    if (!kept) return;
    bytes -= sizeOf(kept.text);
    followed.delete(uid);
    others.delete(uid);
    if (wasFollowed) onGone(uid);
  };

  /** The templates that take part come first, then the newest. */
  const makeRoom = (size: number): boolean => {
    while (followed.size + others.size >= maxTemplates || bytes + size > maxBytes) {
      const [oldest] = others.keys();
      if (oldest === undefined) return false;
      forget(oldest);
    }
    return true;
  };

  const place = (uid: string, kept: Kept) => {
    if (!takesPart(kept)) return void others.set(uid, kept);
    followed.set(uid, kept);
    onTemplate({ uid, namespace: kept.namespace, pod: JSON.parse(kept.text) });
  };

  /** After its namespace has joined or left. */
  const move = (name: string, from: Map<string, Kept>) => {
    for (const [uid, kept] of from) {
      if (kept.namespace !== name || takesPart(kept) === (from === followed)) continue;
      from.delete(uid);
      if (from === followed) onGone(uid);
      place(uid, kept);
    }
  };

  const leave = (namespace: string) => {
    if (namespaces.delete(namespace)) move(namespace, followed);
  };

  return {
    /** @param list which of the followed lists it is in; @param pass see followList */
    put: (list: string, { uid, namespace, joins, pod }: StoredTemplate, pass: number): void => {
      const text = JSON.stringify(pod);
      const known = followed.get(uid) ?? others.get(uid);
      if (known?.text === text && known.joins === joins) {
        known.pass = pass;
        return;
      }
      forget(uid);
      if (text.length > maxTemplateBytes || !makeRoom(sizeOf(text))) return;
      bytes += sizeOf(text);
      place(uid, { list, pass, namespace, joins, text });
    },

    forget,

    /** Forgets what this pass did not see: it no longer exists. */
    completeList: (list: string, pass: number): void => {
      for (const [uid, kept] of [...followed, ...others]) if (kept.list === list && kept.pass !== pass) forget(uid);
    },

    join: (namespace: string, pass: number): void => {
      const isNew = !namespaces.has(namespace);
      namespaces.set(namespace, pass);
      if (isNew) move(namespace, others);
    },

    leave,

    completeNamespaces: (pass: number): void => {
      for (const [name, seen] of namespaces) if (seen !== pass) leave(name);
    },
  };
}

/** A text, the objects and keys around it here, and what the warm-up makes of it. */
const sizeOf = (text: string) => 300 + 2 * text.length;
