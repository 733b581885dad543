/** Keeps the shared CA and this replica's certificate reconciled while the server runs: at every change, regularly, and after a failure. */
import { readErrorMessage } from '../../util/errors.ts';
import type { CertificateState, ServingCertificate } from '../certificate.ts';
import { createSelfSignedCertificate } from '../self-signed.ts';
import type { CertificateEvents, CertificateSource } from '../source.ts';
import type { KeyPair } from '../x509.ts';
import { reconcile, type SharedCaOptions } from './reconcile.ts';
import { renewCertificate, type SharedCaCertificate } from './renew-certificate.ts';
import type { SharedCaStore } from './store.ts';

export type SharedCaDeps = {
  store: SharedCaStore;
  /** Calls back at changes in the cluster. @returns a function that ends this */
  onChange: (changed: () => void, onError: (error: unknown) => void) => () => void;
  options: SharedCaOptions;
  events: CertificateEvents;
};

const minPauseMilliseconds = 500;
const maxPauseMilliseconds = 30_000;

/** Returns at once, with a certificate that no client trusts yet: the server can then say why it is not ready. */
export async function openSharedCa({ store, onChange, options, events }: SharedCaDeps): Promise<CertificateSource> {
  const placeholder = await createSelfSignedCertificate(options.hosts, new Date());
  let ca: KeyPair | undefined;
  let serving: SharedCaCertificate | undefined;
  let state: CertificateState = { isAccepted: false, problem: 'the CA has not been read from its Secret yet' };
  let listener: (certificate: ServingCertificate) => void = () => {};
  let pauseMilliseconds = minPauseMilliseconds;
  let retry: NodeJS.Timeout | undefined;
  let noticed: string | undefined;
  let isRunning = false;
  let isRunWanted = false;
  let isClosed = false;

  const sign = async () => {
    const next = ca && (await renewCertificate(serving, ca, options, new Date()));
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
      const { ca: next, isRepaired, notice, ...reconciled } = await reconcile(ca, store, options, new Date());
      ca = next;
      await signInTurn();
      pauseMilliseconds = minPauseMilliseconds;
      state = reconciled;
      if (notice && notice !== noticed) events.noticed(notice);
      noticed = notice;
      if (isRepaired) events.repaired();
      if (reconciled.problem) events.failed(reconciled.problem);
    } catch (error) {
      const problem = readErrorMessage(error);
      // An outage of the API server does not change what it trusts, so it is no reason to be unready.
      state = { isAccepted: state.isAccepted, problem };
      events.failed(problem);
      if (isClosed) return;
      retry = setTimeout(run, pauseMilliseconds * (0.5 + Math.random() / 2));
      pauseMilliseconds = Math.min(pauseMilliseconds * 2, maxPauseMilliseconds);
    }
  };

  /** One pass at a time. All calls during a pass lead to one more pass. */
  const run = async () => {
    isRunWanted = true;
    clearTimeout(retry);
    if (isRunning) return;
    isRunning = true;
    while (isRunWanted && !isClosed) {
      isRunWanted = false;
      await pass();
    }
    isRunning = false;
  };

  // Short steps by the wall clock: a machine that slept notices soon after it wakes.
  const tick = setInterval(() => {
    // Does not wait for the pass: the certificate must be renewed in time even if the API server is slow or away.
    signInTurn().catch((error) => events.failed(readErrorMessage(error)));
    void run();
  }, chooseTickMilliseconds(options));
  tick.unref();
  const stopWatching = onChange(run, (error) => events.failed(readErrorMessage(error)));
  void run();

  return {
    current: () => serving ?? placeholder,
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

/** Often enough for the shortest of the periods. */
const chooseTickMilliseconds = ({ rotation, servingLifetimeMilliseconds }: SharedCaOptions) =>
  Math.min(
    60_000,
    rotation.overlapMilliseconds / 4,
    rotation.lifetimeMilliseconds / 20,
    servingLifetimeMilliseconds / 20,
  );
