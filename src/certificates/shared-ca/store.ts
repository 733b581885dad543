/** The two objects of the cluster that the shared CA needs: its Secret, and Clockout's MutatingWebhookConfiguration. */
import type { Operation } from 'fast-json-patch';

/** The part of a MutatingWebhookConfiguration that Clockout reads. */
export type WebhookConfiguration = {
  metadata: { name: string; uid: string; resourceVersion: string };
  webhooks?: { name: string; clientConfig: { caBundle?: string; service?: { name: string; namespace: string } } }[];
};

/** The data of a Secret, in base64. */
export type SecretData = Readonly<Record<string, string | undefined>>;

/** `owners` are uids. */
type StoredSecret = { data: SecretData; resourceVersion: string; owners: string[] };

export type SecretOwner = WebhookConfiguration['metadata'];

/** Each function throws if the API server refuses or cannot be reached. */
export type ConfigurationStore = {
  readConfiguration: () => Promise<WebhookConfiguration | undefined>;
  /** @returns false if the configuration has changed since it was read */
  patchConfiguration: (operations: Operation[]) => Promise<boolean>;
};

export type SharedCaStore = ConfigurationStore & {
  secret: { namespace: string; name: string };
  /** The configuration whose webhook asks Istio, if there is one. Its failures are no outage. */
  asking?: ConfigurationStore | undefined;
  readSecret: () => Promise<StoredSecret | undefined>;
  /**
   * @param owner Kubernetes deletes the Secret when it deletes the owner, so an uninstall leaves nothing behind
   * @param version of the Secret to replace; if left out, the Secret must not exist
   * @returns false if another replica was faster
   */
  writeSecret: (data: Record<string, string>, owner: SecretOwner, version?: string) => Promise<boolean>;
};

/** How many times in a row to try again after others changed the same object. After that, the next pass tries again. */
export const maxAttempts = 5;
