/** However the app ends, its exit code is the container's. */
import { expect } from 'vitest';
import type { Case } from '../case.ts';
import { type ContainedPlace, contained, type Lab, sh } from './lab.ts';

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

// Those that by default are ignored, or stop a process: https://man7.org/linux/man-pages/man7/signal.7.html
const harmless = [17, 18, 19, 20, 21, 22, 23, 28];
const deadly = [...upTo(1, 31), ...upTo(34, 64)].filter((signal) => !harmless.includes(signal));

export const codes: Case<ContainedPlace>[] = [
  contained({
    name: 'all-exit-codes',
    title: "Each exit code from 0 to 255 is the container's, and the proxy is asked to exit once for each",
    origins: ['redboxllc/scuttle#43'],
    run: async (lab) => {
      const proxy = await lab.proxy();
      const wrong = await wrongOf(lab, upTo(0, 255), (code) => ({ argv: sh(`exit ${code}`), code }), proxy.port);
      expect(wrong).toEqual([]);
      expect(proxy.quits()).toBe(256);
      return '256 codes of 256';
    },
  }),
  contained({
    name: 'all-deadly-signals',
    title: 'Death by each signal that kills, real-time ones too, is 128 + its number, without a word in the log',
    origins: [
      'https://github.com/kvij/scuttle',
      'https://github.com/linkerd/linkerd-await',
      'https://github.com/karlkfi/kubexit',
    ],
    run: async (lab) => {
      const proxy = await lab.proxy();
      const death = (signal: number) => ({
        argv: sh(`ulimit -c 0; kill -${signal} $$; sleep 1`),
        code: 128 + signal,
      });
      expect(await wrongOf(lab, deadly, death, proxy.port)).toEqual([]);
      expect(proxy.quits()).toBe(deadly.length);
      return `${deadly.length} signals of ${deadly.length}`;
    },
  }),
  contained({
    name: 'code-of-a-shell-that-cannot-quit-the-proxy',
    title: "If the request to exit fails, this is never the container's exit code",
    origins: ['istio/istio#11659', 'open-policy-agent/gatekeeper#1978'],
    run: async (lab) => {
      const pod = await lab.pod();
      for (const [quit, code] of [
        [503, 0],
        ['empty', 5],
        ['hang', 0],
        [404, 137],
      ] as const) {
        const proxy = await lab.proxy({ quit });
        expect((await pod.wrapper({ port: proxy.port, quit: 1 }, sh(`exit ${code}`)).exit).code).toBe(code);
      }
      return "the app's code";
    },
  }),
];

/** Runs them a few at a time, each place with a pod of its own; gives those whose end was another. */
async function wrongOf(
  lab: Lab,
  inputs: number[],
  trial: (input: number) => { argv: string[]; code: number },
  port: number,
): Promise<string[]> {
  const wrong: string[] = [];
  const left = [...inputs];
  const worker = async () => {
    const pod = await lab.pod();
    for (let input = left.shift(); input !== undefined; input = left.shift()) {
      const { argv, code } = trial(input);
      const exit = await pod.wrapper({ port }, argv).exit;
      if (exit.code !== code || exit.stderr !== '' || !pod.done('app', 'end')) {
        wrong.push(`${input}: ${exit.code} ${exit.stderr}`);
      }
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return wrong;
}
