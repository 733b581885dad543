/** Reads lists of any length page by page, and keeps of each object only what the caller reads of it. */
import { isObject, parseObject } from '../../util/json-object.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { createObjectCutter } from '../cut-objects.ts';
import type { ApiProblem } from './problem.ts';
import { type Connection, type Failed, readBody, send, serverOf } from './send.ts';
import { describeStranger } from './stranger.ts';
import { describeList, pathOf, type Target } from './target.ts';

export type KubeObject = Record<string, unknown>;

export type ListOptions<T> = {
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** What to keep of an object, which is unchecked; undefined keeps nothing. */
  read: (object: KubeObject) => T | undefined;
  /** Called after each page with how many objects were seen, and how many are left, if the API server says. */
  onPage?: (seen: number, left: number | undefined) => void;
};

/** With a problem, `items` is what was read before it. */
export type Listed<T> = {
  items: T[];
  /** How many objects were too large to read, or have no name. */
  unread: number;
  problem?: ApiProblem;
};

/** @param target without a name; without a namespace, of all namespaces */
export async function list<T>(connection: Connection, target: Target, options: ListOptions<T>): Promise<Listed<T>> {
  let listed: Listed<T> = { items: [], unread: 0 };
  let seen = 0;
  const take = (object: KubeObject | undefined) => {
    seen++;
    const kept = object && isNamed(object) ? options.read(object) : undefined;
    if (object === undefined || !isNamed(object)) listed.unread++;
    else if (kept !== undefined) listed.items.push(kept);
  };
  let token: string | undefined = firstPage;
  for (let restarts = 0; token !== undefined; ) {
    const page: Result<Page, Failed> = await readPage(connection, target, options, token, take);
    if (page.ok) {
      token = page.value.next;
      options.onPage?.(seen, page.value.left);
      continue;
    }
    const { problem, refusal } = page.problem;
    if (refusal?.status !== 410 || token === firstPage || ++restarts > mostRestarts) return { ...listed, problem };
    token = readToken(refusal.body) ?? firstPage;
    if (token === firstPage) [listed, seen] = [{ items: [], unread: 0 }, 0];
  }
  return listed;
}

// --- internal ---

/** As kubectl asks: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
const pageSize = '500';
const firstPage = '';

/** A token expires after some minutes, and the answer then has another one with which to go on. */
const mostRestarts = 5;

/** etcd takes 1.5 MiB, and an object is larger as JSON. */
const maxObjectBytes = 4 * 1024 * 1024;
const maxPageBytes = 500 * 1024 * 1024;

const isNamed = ({ metadata }: KubeObject): boolean => isObject(metadata) && typeof metadata.name === 'string';

type Page = { next: string | undefined; left: number | undefined };

async function readPage(
  connection: Connection,
  target: Target,
  { labelSelector, fieldSelector }: ListOptions<unknown>,
  token: string,
  take: (object: KubeObject | undefined) => void,
): Promise<Result<Page, Failed>> {
  const asked = `list ${describeList(target)}`;
  const query = {
    limit: pageSize,
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
    ...(token !== firstPage && { continue: token }),
  };
  const sent = await send(connection, { path: pathOf(target), query, asked });
  if (!sent.ok) return sent;
  let page: Page | undefined;
  const cutter = createObjectCutter((text, isItem) => {
    const object = text === undefined ? undefined : parseObject(text);
    if (isItem) take(object);
    else if (object) page = readListMetadata(object);
  }, maxObjectBytes);
  const read = await readBody(sent.value, asked, maxPageBytes, cutter.add);
  if (!read.ok) return fail({ problem: read.problem });
  if (page && cutter.isComplete()) return ok(page);
  return fail({ problem: describeStranger(asked, serverOf(connection), 'its answer is not a list') });
}

function readListMetadata({ continue: next, remainingItemCount: left }: KubeObject): Page {
  return {
    next: typeof next === 'string' && next !== '' ? next : undefined,
    left: typeof left === 'number' ? left : undefined,
  };
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
function readToken(body: unknown): string | undefined {
  const token = isObject(body) && isObject(body.metadata) ? body.metadata.continue : undefined;
  return typeof token === 'string' && token !== '' ? token : undefined;
}
