/** The API server's own histogram of how long its webhooks took. */
import { api } from '../test/e2e/cluster/suite/kube.ts';

/** Of one webhook: in milliseconds, and how many calls took at most so many seconds. */
export type Times = { count: number; sum: number; atMost: Map<number, number> };

const metric = 'apiserver_admission_webhook_admission_duration_seconds';

/** By the webhook's name. */
export async function readAdmissionTimes(): Promise<Map<string, Times>> {
  return parseAdmissionTimes(await api.text('/metrics'));
}

export function parseAdmissionTimes(text: string): Map<string, Times> {
  const found = new Map<string, Times>();
  for (const line of text.split('\n').filter((each) => each.startsWith(`${metric}_`))) {
    const name = /\bname="([^"]*)"/.exec(line)?.[1] ?? '';
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    const times = found.get(name) ?? { count: 0, sum: 0, atMost: new Map() };
    if (line.startsWith(`${metric}_sum`)) times.sum += value;
    if (line.startsWith(`${metric}_count`)) times.count += value;
    const bound = Number(/\ble="([\d.]+)"/.exec(line)?.[1]);
    if (bound > 0) times.atMost.set(bound, (times.atMost.get(bound) ?? 0) + value);
    found.set(name, times);
  }
  return found;
}

/** What came on top between two readings. */
export function subtractTimes(after: Times, before: Times | undefined): Times {
  if (before === undefined) return after;
  const atMost = [...after.atMost].map(([bound, count]) => [bound, count - (before.atMost.get(bound) ?? 0)] as const);
  return { count: after.count - before.count, sum: after.sum - before.sum, atMost: new Map(atMost) };
}
