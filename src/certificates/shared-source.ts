/** Keeps the shared certificate settled while the server runs: at every change, now and then, and again after a failure. */
import type { ServingCertificate } from './certificate.ts';
import { makeCertificate } from './self-made.ts';
import { type SharedOptions, type SharedState, type SharedStore, settle } from './shared.ts';
import type { CertificateEvents, CertificateSource } from './source.ts';

export type SharedSourceDeps = {
  store: SharedStore;
  /** Starts to call back at changes in the cluster. @returns what ends that */
  onChange: (changed: () => void, onError: (error: unknown) => void) => () => void;
  options: SharedOptions;
  events: CertificateEvents;
};

const shortestPause = 500;
const longestPause = 30_000;

/** Comes back at once, with a certificate that nobody trusts yet: the server can say why it is not ready. */
export async function openSharedSource({
  store,
  onChange,
  options,
  events,
}: SharedSourceDeps): Promise<CertificateSource> {
  const beforeAny = await makeCertificate(options.hosts, new Date());
  let state: SharedState = { repaired: false, problem: 'the CA has not been read from its Secret yet' };
  let listener: (certificate: ServingCertificate) => void = () => {};
  let pause = shortestPause;
  let retry: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isAskedAgain = false;
  let isClosed = false;

  const pass = async () => {
    const before = state;
    try {
      state = await settle(before, store, options, new Date());
      pause = shortestPause;
      tellChanges(before);
    } catch (error) {
      const problem = sentenceOf(error);
      // What the API server knew of us it still knows: an outage of its own is no reason to be unready.
      if (!before.serving) state = { ...before, problem };
      events.failed(problem);
      retry = setTimeout(run, pause * (0.5 + Math.random() / 2));
      pause = Math.min(pause * 2, longestPause);
    }
  };

  const tellChanges = (before: SharedState) => {
    const { repaired, problem, serving } = state;
    if (repaired) events.repaired();
    if (problem && problem !== before.problem) events.failed(problem);
    if (!serving || serving === before.serving) return;
    listener(serving);
    events.renewed(serving);
  };

  /** One at a time; what is asked for meanwhile is one more. */
  const run = async () => {
    isAskedAgain = true;
    clearTimeout(retry);
    if (isRunning) return;
    isRunning = true;
    while (isAskedAgain && !isClosed) {
      isAskedAgain = false;
      await pass();
    }
    isRunning = false;
  };

  // By the clock on the wall, in short steps: a machine that slept notices on waking.
  const tick = setInterval(run, tickOf(options));
  tick.unref();
  const stopWatching = onChange(run, (error) => events.failed(sentenceOf(error)));
  void run();

  return {
    current: () => state.serving ?? beforeAny,
    problem: () => state.problem,
    onRenewal: (next) => {
      listener = next;
    },
    close: () => {
      isClosed = true;
      clearTimeout(retry);
      clearInterval(tick);
      stopWatching();
    },
  };
}

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : `${error}`);

/** Often enough for the shortest of its periods. */
const tickOf = ({ rotation, servingLifetime }: SharedOptions) =>
  Math.min(60_000, rotation.overlap / 4, rotation.lifetime / 20, servingLifetime / 20);
