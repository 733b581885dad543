/** Keeps the shared certificate settled while the server runs: at every change, now and then, and again after a failure. */
import type { CertificateState, ServingCertificate } from '../certificate.ts';
import { makeCertificate } from '../self-signed.ts';
import type { CertificateEvents, CertificateSource } from '../source.ts';
import type { KeyPair } from '../x509.ts';
import { renew, type SharedOptions, type SharedServing, type SharedStore, settle } from './reconcile.ts';

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
  let authority: KeyPair | undefined;
  let serving: SharedServing | undefined;
  let state: CertificateState = { isAccepted: false, problem: 'the CA has not been read from its Secret yet' };
  let listener: (certificate: ServingCertificate) => void = () => {};
  let pause = shortestPause;
  let retry: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isAskedAgain = false;
  let isClosed = false;

  const sign = async () => {
    const next = authority && (await renew(serving, authority, options, new Date()));
    if (!next || next === serving) return;
    serving = next;
    listener(serving);
    events.renewed(serving);
  };
  let signed = Promise.resolve();
  const signInTurn = () => {
    signed = signed.catch(() => {}).then(sign);
    return signed;
  };

  const pass = async () => {
    try {
      const { authority: next, repaired, ...settled } = await settle(authority, store, options, new Date());
      authority = next;
      await signInTurn();
      pause = shortestPause;
      state = settled;
      if (repaired) events.repaired();
      if (settled.problem) events.failed(settled.problem);
    } catch (error) {
      const problem = sentenceOf(error);
      // What the API server knew of us it still knows: an outage of its own is no reason to be unready.
      state = { isAccepted: state.isAccepted, problem };
      events.failed(problem);
      if (isClosed) return;
      retry = setTimeout(run, pause * (0.5 + Math.random() / 2));
      pause = Math.min(pause * 2, longestPause);
    }
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
  const tick = setInterval(() => {
    // Not after the pass: an API server that is slow or away must not let the certificate end.
    signInTurn().catch((error) => events.failed(sentenceOf(error)));
    void run();
  }, tickOf(options));
  tick.unref();
  const stopWatching = onChange(run, (error) => events.failed(sentenceOf(error)));
  void run();

  return {
    current: () => serving ?? beforeAny,
    state: () => state,
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
