/** Which webhooks of an installation are for pods that Clockout changes, rather than for Istio's decisions. */
import type { Webhook } from '../../mesh/webhooks.ts';
import type { Installation } from '../facts.ts';
import { asksIstio } from '../read/configuration.ts';

/** The configurations, without the one that asks Istio for native sidecars. */
export const mainOf = ({ configurations }: Installation) => configurations.filter((each) => !asksIstio(each));

/** The webhooks of those. */
export const webhooksOf = (installation: Installation): Webhook[] =>
  mainOf(installation).flatMap(({ webhooks }) => webhooks);
