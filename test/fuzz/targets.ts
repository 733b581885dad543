/** All targets. */
import type { Target } from './target.ts';
import { manifests, yaml } from './targets/manifests.ts';
import { annotations, proxyConfigs } from './targets/pods.ts';
import { challenges, keychains, references } from './targets/registries.ts';
import { reviews } from './targets/reviews.ts';

export const targets: readonly Target[] = [
  reviews,
  manifests,
  yaml,
  annotations,
  proxyConfigs,
  references,
  challenges,
  keychains,
];
