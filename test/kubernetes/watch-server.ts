/** Lists that can be read in pages, and watched on from a version, as the API server's, with a short memory. */
import type { ServerResponse } from 'node:http';
import { refusal, sendJson, startApiServer } from './api-server.ts';

type Stored = { metadata: { uid: string; resourceVersion?: string }; [field: string]: unknown };
type Change = { version: number; path: string; type: string; object: Stored };

export async function startWatchServer() {
  const lists = new Map<string, Map<string, Stored>>();
  const streams = new Set<{ path: string; response: ServerResponse }>();
  const refused = new Set<string>();
  const snapshots: { resourceVersion: string; all: Stored[] }[] = [];
  let history: Change[] = [];
  let version = 100;
  let oldest = 0;

  const listOf = (path: string) => {
    const list = lists.get(path) ?? new Map<string, Stored>();
    lists.set(path, list);
    return list;
  };
  const tell = (response: ServerResponse, type: string, object: object) =>
    response.write(`${JSON.stringify({ type, object })}\n`);

  /** All pages are of the moment in which the first was asked for. */
  const pageOf = (path: string, query: URLSearchParams) => {
    const [number = snapshots.length, start = 0] = query.get('continue')?.split(' ').map(Number) ?? [];
    snapshots[number] ??= { resourceVersion: `${version}`, all: [...listOf(path).values()] };
    const { resourceVersion, all } = snapshots[number];
    const end = start + Number(query.get('limit'));
    return {
      metadata: { resourceVersion, ...(end < all.length && { continue: `${number} ${end}` }) },
      items: all.slice(start, end),
    };
  };

  /** What a new stream begins with. */
  const begin = (path: string, from: number): [type: string, object: object][] => {
    if (from < oldest) return [['ERROR', refusal(410, 'too old resource version')]];
    const missed = history.filter((each) => each.path === path && each.version > from);
    return missed.map(({ type, object }) => [type, object]);
  };

  const api = await startApiServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://test');
    if (refused.has(path)) return sendJson(response, 403, refusal(403, 'no'));
    if (!searchParams.has('watch')) return sendJson(response, 200, pageOf(path, searchParams));
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const events = begin(path, Number(searchParams.get('resourceVersion')));
    for (const [type, object] of events) tell(response, type, object);
    if (events[0]?.[0] === 'ERROR') return void response.end();
    const stream = { path, response };
    streams.add(stream);
    response.on('close', () => streams.delete(stream));
  });

  const change = (path: string, type: string, object: Stored) => {
    version++;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
    history.push({ version, path, type, object: stamped });
    for (const each of streams) if (each.path === path) tell(each.response, type, stamped);
    return stamped;
  };

  return {
    ...api,
    put: (path: string, ...objects: Stored[]) => {
      const list = listOf(path);
      for (const object of objects) {
        const type = list.has(object.metadata.uid) ? 'MODIFIED' : 'ADDED';
        list.set(object.metadata.uid, change(path, type, object));
      }
    },
    remove: (path: string, uid: string) => {
      const object = listOf(path).get(uid);
      if (!object) throw new Error(`expected ${uid} in ${path}`);
      listOf(path).delete(uid);
      change(path, 'DELETED', object);
    },
    /** Ends all streams in the middle. @returns how many there were */
    breakOff: () => {
      const broken = [...streams];
      streams.clear();
      for (const { response } of broken) response.destroy();
      return broken.length;
    },
    streams: () => streams.size,
    forget: () => {
      oldest = ++version;
      history = [];
    },
    refuse: (path: string) => refused.add(path),
  };
}
