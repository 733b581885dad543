/** The fault that a registry does not answer, while each third pod needs it. */
import type { KubeObject } from '../cluster/api.ts';
import { binaries } from '../cluster/binaries.ts';
import { buildImage } from '../cluster/images.ts';
import {
  addTags,
  dockerConfig,
  holdRegistry,
  pushImage,
  registryHost,
  releaseRegistry,
  startRegistry,
  stopRegistry,
} from '../cluster/registry.ts';
import { api } from '../cluster/suite/kube.ts';
import type { Fault } from './fault.ts';

const user = { name: 'robot', password: 'chaos' };
const secret = 'registry-login';
/** With a tag of its own for each pod, which no replica has looked up before. */
const imageOf = (number: number | string) => `${registryHost}/chaos/app:${number}`;
const needsRegistry = (number: number) => number % 3 === 0;

export const registryAway: Fault = {
  name: 'registry-away',
  title: 'a registry does not answer for 20 s, and each third pod needs it',
  prepare: async () => {
    const caBundle = await startRegistry(user);
    const archive = await buildImage({
      name: 'localhost/chaos:1',
      dockerfile: 'FROM scratch\nCOPY myapp /myapp\nCMD ["/myapp"]\n',
      files: { myapp: binaries.myapp },
    });
    await pushImage(archive, imageOf('pushed'));
    const tags = Array.from({ length: 400 }, (_, number) => number).filter(needsRegistry);
    await addTags(imageOf('pushed'), tags.map(String), user, caBundle);
    // The credentials are those of tests.
    return {
      values: { registry: { caBundle, pullSecrets: true }, webhook: { anyPodMayAsk: true } },
      end: stopRegistry,
    };
  },
  inNamespace: async (namespace) => {
    await api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secret, namespace },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': dockerConfig(user) },
    });
  },
  make: async () => {
    holdRegistry();
    return async () => releaseRegistry();
  },
  seconds: 20,
  pod: (pod, number) => (needsRegistry(number) ? withoutCommand(pod, number) : pod),
  mayLeaveUnwrapped: true,
};

// --- internal ---

const withoutCommand = (pod: KubeObject, number: number): KubeObject => ({
  ...pod,
  spec: { ...pod.spec, containers: [{ name: 'app', image: imageOf(number) }], imagePullSecrets: [{ name: secret }] },
});
