/** Reads what the installations of Clockout set for pods, as their Deployments show it. */
import type { Api } from '../../kubernetes/api/api.ts';
import type { ApiProblem } from '../../kubernetes/api/problem.ts';
import { listInstallations, type OwnInstallation } from '../../mesh/installations.ts';
import { type OwnSettings, readOwnSettings } from '../../mesh/own-settings.ts';
import type { Webhook } from '../../mesh/webhooks.ts';

/** `settings` are undefined if its Deployment is not there, or cannot be read. */
export type Installed = OwnInstallation & { settings: OwnSettings | undefined };

/**
 * @param webhooks of the cluster
 * @param tellProblem called for each Deployment that cannot be read
 */
export const readInstalled = (
  api: Api,
  webhooks: readonly Webhook[],
  tellProblem: (problem: ApiProblem) => void,
): Promise<Installed[]> =>
  Promise.all(
    listInstallations(webhooks).map(async (installation) => {
      const { server } = installation;
      if (!server) return { ...installation, settings: undefined };
      const got = await api.get({ group: 'apps', resource: 'deployments', ...server });
      if (!got.ok && got.problem.kind !== 'missing') tellProblem(got.problem);
      return { ...installation, settings: got.ok ? readOwnSettings(got.value) : undefined };
    }),
  );
