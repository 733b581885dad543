/** Ends the sidecars of one pod that hangs, and waits until the pod has ended. */
import type { KubeConfig } from '@kubernetes/client-node';
import { type Api, type ApiProblem, isFatal } from '../kubernetes/api/api.ts';
import { execute } from '../kubernetes/streams/exec.ts';
import { openPort } from '../kubernetes/streams/port-forward.ts';
import { postOver } from '../kubernetes/streams/post.ts';
import { quitUrlsName, type Way } from '../live-status/ways.ts';
import { pause } from '../util/pause.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { shortened } from '../util/text.ts';
import { type DefaultsOf, type PodState, readPodState } from './hanging-pod.ts';
import { describeResult } from './pod-result.ts';

export type Tools = {
  api: Api;
  config: KubeConfig;
  /** For each answer, in milliseconds. */
  timeout: number;
  /** How long to wait for the end of a pod, in milliseconds. */
  patience: number;
  /** Between two looks at it, in milliseconds. */
  interval: number;
  /** In milliseconds since 1970. */
  now: () => number;
  defaultsOf?: DefaultsOf | undefined;
  /** Aborted once nothing more is to be done: pods that have not been asked to end are left alone, and no end is waited for. */
  signal?: AbortSignal | undefined;
};

/**
 * - `ended`: the pod has ended
 * - `gone`: it is not there any more, or runs again, so nothing was done
 * - `still runs`: its sidecars were asked to exit, and it has not ended in time
 * - `not ended`: its sidecars could not be asked to exit
 * - `lost`: the API server does not answer any more
 */
export type PodEnd = { result: 'ended' | 'gone' | 'still runs' | 'not ended' | 'lost'; message: string };

/** @param planned the state in which the pod was found; it is ended only if it is the same pod, and still hangs */
export async function endPod(planned: PodState, tools: Tools): Promise<PodEnd> {
  const notes: string[] = [];
  let isAsked = false;
  for (const way of planned.ways) {
    const asked = await ask(planned, way, tools);
    if (asked.ok) {
      isAsked ||= asked.value.isAsked;
      if (asked.value.note !== undefined) notes.push(asked.value.note);
      continue;
    }
    const { result, message } = asked.problem;
    if (result === 'gone' && isAsked) break;
    // Whoever listened there may have exited already.
    if (result !== 'not ended' || way.container !== quitUrlsName) return asked.problem;
    notes.push(message);
  }
  return await waitForEnd(planned, notes, tools);
}

// --- internal ---

/** Whether the sidecar was asked, and what was odd about it; or why no more is to be done with the pod. */
type Asked = Result<{ isAsked: boolean; note?: string }, PodEnd>;

async function ask(pod: PodState, way: Way, tools: Tools): Promise<Asked> {
  if (way.by === 'itself') return ok({ isAsked: false });
  if (way.by === 'run') return await run(pod, way, way.run, tools);
  const posted = await post(pod, way, tools);
  if (posted.ok || !way.orRun || posted.problem.result !== 'not ended') return posted;
  const ran = await run(pod, way, way.orRun, tools);
  if (ran.ok || ran.problem.result !== 'not ended') return ran;
  return notEnded(`${posted.problem.message}; ${ran.problem.message}`);
}

async function post(pod: PodState, way: Extract<Way, { by: 'post' }>, tools: Tools): Promise<Asked> {
  const { config, timeout } = tools;
  const opened = await openPort(config, { ...nameOf(pod), port: way.port }, timeout);
  if (!opened.ok) return fail(describeProblem(opened.problem));
  // The connection leads to the pod that had the name then. If the right one is there now, it is that one.
  const checked = await check(pod, way, tools);
  if (!checked.ok || !checked.value) {
    opened.value.destroy();
    return checked.ok ? ok({ isAsked: false }) : checked;
  }
  const answer = await postOver(opened.value, way.path, timeout);
  const what = `POST :${way.port}${shortened(way.path, 100)}`;
  if (answer.ok) {
    const isTaken = answer.value >= 200 && answer.value < 300;
    return isTaken ? ok({ isAsked: true }) : notEnded(`${what}: status ${answer.value}`);
  }
  const note = `${what}: ${answer.problem.message}`;
  // Some versions of pilot-agent exit before they have answered: whether the pod ends will show it.
  return answer.problem.kind === 'cut' ? ok({ isAsked: true, note }) : notEnded(note);
}

async function run(pod: PodState, way: Way, command: readonly string[], tools: Tools): Promise<Asked> {
  const checked = await check(pod, way, tools);
  if (!checked.ok) return checked;
  if (!checked.value) return ok({ isAsked: false });
  const executed = await execute(tools.config, { ...nameOf(pod), container: way.container, command }, tools.timeout);
  if (!executed.ok) return fail(describeProblem(executed.problem));
  const code = executed.value;
  const note = `exec ${command[0]} in ${shortened(way.container, 63)}: ${describeCode(code)}`;
  if (code === 0) return ok({ isAsked: true });
  // The end of its container may kill it: whether the pod ends will show it.
  return typeof code === 'number' && code > 127 ? ok({ isAsked: true, note }) : notEnded(note);
}

/** A runtime says in many words that there is no such program. */
function describeCode(code: number | string): string {
  if (typeof code === 'number') return `code ${code}`;
  return /executable file not found|no such file or directory/.test(code) ? 'its image has no such program' : code;
}

/** Looks at the pod again, right before it is asked to end. @returns whether that container of it still runs */
async function check(
  pod: PodState,
  { container }: Way,
  { api, now, defaultsOf }: Tools,
): Promise<Result<boolean, PodEnd>> {
  const got = await api.get(targetOf(pod));
  if (!got.ok) return fail(describeProblem(got.problem));
  const found = readPodState(got.value, now(), { defaultsOf });
  if (!found || found.uid !== pod.uid) return gone('another pod has its name now');
  if (found.state !== 'hangs') return gone(found.sentence);
  return ok(found.ways.some((each) => each.container === container));
}

async function waitForEnd(pod: PodState, notes: readonly string[], tools: Tools): Promise<PodEnd> {
  const { patience, interval, now, signal } = tools;
  const end = now() + patience;
  for (let failures = 0; ; ) {
    const seen = await lookAgain(pod, tools);
    if (seen.ok && seen.value !== undefined) return { result: 'ended', message: seen.value };
    failures = seen.ok ? 0 : failures + 1;
    if (!seen.ok && failures >= mostFailures)
      return { result: 'lost', message: `it was asked to end; then ${seen.problem}` };
    if (signal?.aborted) return stillRuns('it was asked to end; then you stopped the command', notes);
    if (now() >= end) return stillRuns(`it was asked to end, and has not within ${patience / 1000} seconds`, notes);
    await pause(interval, signal);
  }
}

/** @returns how the pod has ended, undefined if it still runs; or why that is not known */
async function lookAgain(pod: PodState, { api }: Tools): Promise<Result<string | undefined, string>> {
  const got = await api.get(targetOf(pod));
  if (!got.ok && got.problem.kind !== 'missing') return fail(got.problem.message);
  return ok(describeResult(got.ok ? got.value : undefined, pod.uid));
}

const stillRuns = (message: string, notes: readonly string[]): PodEnd => ({
  result: 'still runs',
  message: notes.length > 0 ? `${message} (${notes.join('; ')})` : message,
});

/** One after the other. */
const mostFailures = 3;

const nameOf = ({ namespace, name }: PodState) => ({ namespace, name });
const targetOf = (pod: PodState) => ({ resource: 'pods', ...nameOf(pod) });

const notEnded = (message: string): Result<never, PodEnd> => fail({ result: 'not ended', message });
const gone = (message: string): Result<never, PodEnd> => fail({ result: 'gone', message });

function describeProblem(problem: ApiProblem): PodEnd {
  const { kind, message } = problem;
  if (kind === 'missing') return { result: 'gone', message: 'the pod is not there any more' };
  return { result: isFatal(problem) ? 'lost' : 'not ended', message };
}
