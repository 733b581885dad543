/** An API server with a version and nodes, which it sends as rows of a Table, packed as the real one packs them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { refusal, sendJson, startApiServer } from './api-server.ts';

export type Node = { name: string; version: string; status?: string; os?: string };

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** https://github.com/kubernetes/kubernetes/blob/v1.35.4/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go */
const gzipThreshold = 128 * 1024;

/** @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/printers/internalversion/printers.go */
const columns = [
  ...['Name', 'Status', 'Roles', 'Age', 'Version', 'Internal-IP', 'External-IP', 'OS-Image', 'Kernel-Version'],
  'Container-Runtime',
].map((name) => ({ name, type: 'string', format: '', description: `The ${name} of the node`, priority: 0 }));

const rowOf = ({ name, version, status = 'Ready' }: Node, index: number) => ({
  cells: [
    ...[name, status, '<none>', `${index % 90}d`, version, `10.0.${index >> 8}.${index & 255}`, '<none>'],
    ...['Bottlerocket OS 1.40.0 (aws-k8s-1.33)', '6.1.141', 'containerd://1.7.27+bottlerocket'],
  ],
  object: null,
});

export async function startNodeServer(nodes: readonly Node[]) {
  const state = {
    version: { major: '1', minor: '35', gitVersion: 'v1.35.4' },
    nodes,
    /** As if it asked etcd, which obeys the limit. */
    pages: false,
    status: 200,
    bytesSent: 0,
    /** Answers instead. */
    answer: undefined as ((response: ServerResponse) => void) | undefined,
  };

  const tableOf = (query: URLSearchParams) => {
    const isWindows = ({ os = 'linux' }: Node) => os === 'windows';
    const selected = state.nodes.filter((node) => !isWindows(node) || query.get('labelSelector') === '');
    const start = Number(query.get('continue') ?? 0);
    const end = state.pages ? start + Number(query.get('limit')) : selected.length;
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '7', ...(end < selected.length && { continue: `${end}` }) },
      columnDefinitions: columns,
      rows: selected.slice(start, end).map(rowOf),
    };
  };

  const sendTable = ({ headers }: IncomingMessage, query: URLSearchParams, response: ServerResponse) => {
    const text = JSON.stringify(tableOf(query));
    const isPacked = text.length > gzipThreshold && /gzip/.test(`${headers['accept-encoding']}`);
    const body = isPacked ? gzipSync(text, { level: 1 }) : Buffer.from(text);
    state.bytesSent += body.length;
    response.writeHead(200, { 'content-type': 'application/json', ...(isPacked && { 'content-encoding': 'gzip' }) });
    response.end(body);
  };

  const api = await startApiServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://test');
    if (pathname === '/version') return sendJson(response, 200, state.version);
    if (state.answer) return state.answer(response);
    if (state.status !== 200) return sendJson(response, state.status, refusal(state.status, 'nodes is forbidden'));
    const isForRows = request.headers.accept === table && query.get('includeObject') === 'None';
    if (!isForRows) return sendJson(response, 406, refusal(406, 'only rows'));
    // https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
    const isContradictory = query.has('continue') && query.has('resourceVersion');
    if (isContradictory) return sendJson(response, 400, refusal(400, 'a version together with continue'));
    sendTable(request, query, response);
  });
  return { ...api, state };
}
