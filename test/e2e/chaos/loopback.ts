/** A server of the built bundle on loopback, and reviews at a steady rate, as an API server would send them. */
import { Agent, request } from 'node:https';
import { ordinaryReview, warmUp } from '../../../bench/compare.ts';
import { createReviews } from '../../../bench/reviews.ts';
import { sleep } from '../cluster/progress.ts';
import type { Made } from '../cluster/suite/stream.ts';
import type { LoopbackFault } from './fault.ts';
import { judge, type Policy, type Result } from './result.ts';

/** As the chart's. */
const timeoutMilliseconds = 5000;
const perSecond = 5;

/** @param before, usualAfter how long reviews are sent before the fault, and after it, in seconds */
export async function runOnLoopback(
  fault: LoopbackFault,
  policy: Policy,
  { before, usualAfter }: { before: number; usualAfter: number },
): Promise<Result> {
  const opened = await fault.open();
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const nextBody = createReviews(ordinaryReview);
  try {
    // The first reviews of a process take longer, whatever happens.
    await warmUp(opened, nextBody, 500);
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    const until = (seconds: number) => sleep(Math.max(0, (seconds - elapsed()) * 1000));
    const count = (before + fault.seconds + (fault.after ?? usualAfter)) * perSecond;
    const made = Promise.all(
      Array.from({ length: count }, async (_, number): Promise<Made> => {
        await until(number / perSecond);
        const at = elapsed();
        const answer = await review(opened.url, agent, nextBody());
        return { at, took: elapsed() - at, ...resultOf(answer, policy) };
      }),
    );
    await until(before);
    const begin = elapsed();
    const mend = await opened.make();
    await until(begin + fault.seconds);
    await mend();
    const result = judge(fault, policy, await made, { begin, end: elapsed() });
    result.wrong.push(...(await opened.findWrong()));
    return result;
  } finally {
    agent.destroy();
    await opened.close();
  }
}

// --- internal ---

/** What the API server makes of an answer, or of none. */
function resultOf(answer: string | Error, policy: Policy): Pick<Made, 'result' | 'message'> {
  if (answer instanceof Error) return { result: policy === 'Fail' ? 'refused' : 'unwrapped', message: answer.message };
  const { response } = JSON.parse(answer);
  return response.patch === undefined ? { result: 'unwrapped', message: answer } : { result: 'wrapped' };
}

function review(url: URL, agent: Agent, body: Buffer): Promise<string | Error> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('error', resolve);
      response.on('end', () =>
        resolve(response.statusCode === 200 ? text : new Error(`${response.statusCode} ${text}`)),
      );
    });
    const timer = setTimeout(() => asked.destroy(new Error('no answer in time')), timeoutMilliseconds);
    asked.on('close', () => clearTimeout(timer));
    asked.on('error', resolve);
    asked.end(body);
  });
}
