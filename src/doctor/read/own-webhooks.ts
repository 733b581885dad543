/** Which webhooks of an installation are for pods that Clockout changes, rather than for Istio's decisions. */
import type { Webhook } from '../../mesh/webhooks.ts';
import type { Configuration, Installation } from '../facts.ts';
import { asksIstio, isClockouts } from './configuration.ts';

/** The configurations, without the one that asks Istio for native sidecars. */
export const mainOf = ({ configurations }: Installation) => configurations.filter((each) => !asksIstio(each));

/** The webhooks of those. */
export const webhooksOf = (installation: Installation): Webhook[] =>
  mainOf(installation).flatMap(({ webhooks }) => webhooks);

/** The webhooks of other installations of Clockout. */
export const webhooksOfOthers = (all: readonly Configuration[], { configurations }: Installation): Webhook[] =>
  all
    .filter((each) => isClockouts(each) && !configurations.some(({ name }) => name === each.name))
    .flatMap(({ webhooks }) => webhooks);
