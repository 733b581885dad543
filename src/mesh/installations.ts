/** The installations of Clockout in a cluster, which can have several: each is a Service that webhooks of Clockout call. Pure. */
import { injectLabel } from '../pod/names.ts';
import { groupBy } from '../util/group-by.ts';
import { findOwnCaller, isObserving, isOwn } from './own-webhooks.ts';
import { inOrder, type SeenPod, type Webhook } from './webhooks.ts';

/** The chart and the plain manifests give the Deployment the name of its Service. */
export type OwnServer = { namespace: string; name: string };

export type OwnInstallation = {
  /** Undefined: its webhooks name an address. */
  server: OwnServer | undefined;
  /** Also those that only observe pods. */
  webhooks: readonly Webhook[];
};

/** In the order in which the API server calls them. */
export const listInstallations = (webhooks: readonly Webhook[]): OwnInstallation[] =>
  [...groupBy(inOrder(webhooks.filter(isOwn)), keyOf).values()].map((own) => ({
    server: readServer(own[0]),
    webhooks: own,
  }));

/**
 * The one that a new pod belongs to: that changes it, or else observes it, or else would do so if the pod opted in. If there is none
 * of these, the first one.
 */
export const findInstallationOf = <Installation extends Pick<OwnInstallation, 'webhooks'>>(
  installations: readonly Installation[],
  pod: SeenPod,
  isJob: boolean,
): Installation | undefined =>
  installations.length > 1
    ? installations.toSorted((a, b) => distance(a.webhooks, pod, isJob) - distance(b.webhooks, pod, isJob))[0]
    : installations[0];

export const nameServer = ({ namespace, name }: OwnServer): string => `${namespace}/${name}`;

// --- internal ---

const keyOf = ({ server }: Webhook): string => ('url' in server ? server.url : `${server.namespace}/${server.service}`);

const readServer = (webhook: Webhook | undefined): OwnServer | undefined =>
  webhook && 'service' in webhook.server
    ? { namespace: webhook.server.namespace, name: webhook.server.service }
    : undefined;

function distance(webhooks: readonly Webhook[], pod: SeenPod, isJob: boolean): number {
  const caller = findOwnCaller(webhooks, pod, isJob);
  if (caller) return isObserving(caller.webhook) ? 1 : 0;
  return findOwnCaller(webhooks.map(withoutOptIn), pod, isJob) ? 2 : 3;
}

const withoutOptIn = (webhook: Webhook): Webhook => ({
  ...webhook,
  namespaces: webhook.namespaces.filter(({ key }) => key !== injectLabel),
  objects: webhook.objects.filter(({ key }) => key !== injectLabel),
});
