/** However the app's process ends, its exit code is what the Job controller sees. */
import { busyboxImage, initsImage } from '../../cluster/images.ts';
import { app } from '../../cluster/suite/kube.ts';
import type { Case } from '../case.ts';
import { killIn } from './support/act.ts';
import type { ClusterPlace } from './support/place.ts';
import { twin } from './support/twin.ts';

const asSignals = ['https://github.com/kvij/scuttle', 'https://github.com/linkerd/linkerd-await'];

/** Each with where it went wrong elsewhere. */
const codes: [number, string[]?][] = [
  [0, ['redboxllc/scuttle#35', 'cloudnative-pg/cloudnative-pg#2525', 'istio/istio#11130']],
  [1, ['defenseunicorns/uds-core#687', 'https://github.com/skyfjell/istio-proxy-quit']],
  [5, ['redboxllc/scuttle#43']],
  [42],
  [126],
  [127],
  [128],
  [137, asSignals],
  [143, asSignals],
  [255],
];

export const exits: Case<ClusterPlace>[] = [
  ...codes.map(([code, origins]) =>
    twin({
      ...(origins && { origins }),
      name: `exit-${code}`,
      title: `An app that exits with ${code} ends its pod, and the Job ${code === 0 ? 'completes' : 'fails'}`,
      spec: { containers: [app({ CODE: code })] },
      needsProxy: true,
    }),
  ),
  twin({
    name: 'segmentation-fault',
    title: 'An app that crashes with a segmentation fault',
    spec: { containers: [app({ CRASH: 'SEGV' })] },
  }),
  twin({
    name: 'abort',
    title: 'An app that aborts itself',
    spec: { containers: [app({ CRASH: 'ABRT' })] },
    differs: { why: 'process 1 cannot abort, and faults instead', ends: { 'Error 139': 'Error 134' } },
  }),
  twin({
    name: 'missing-program',
    origins: ['https://github.com/kvij/scuttle'],
    title: 'A program that does not exist fails the Job',
    spec: { containers: [app({}, { command: ['/no/such/program'] })] },
    differs: {
      why: 'no runtime error, because the wrapper starts the program',
      ends: { 'StartError 128': 'Error 127' },
    },
  }),
  twin({
    name: 'program-not-executable',
    title: 'A program that is not executable fails the Job',
    spec: { containers: [app({}, { command: ['/etc/hosts'] })] },
    differs: {
      why: 'no runtime error, because the wrapper starts the program',
      ends: { 'StartError 128': 'Error 126' },
    },
  }),
  twin({
    name: 'child-outlives-app',
    title: 'An app whose child still runs: the child ends with the app',
    spec: { containers: [app({ CHILD: 600, CODE: 6 })] },
  }),
  twin({
    name: 'script-of-a-shell',
    title: "A shell's script with `set -e` that fails in the middle",
    spec: { containers: [app({}, { image: busyboxImage, command: ['/bin/sh', '-ec', 'true; (exit 9); true'] })] },
  }),
  ...inits().flatMap(([name, argv, securityContext]) => [
    twin({
      name: `under-${name}`,
      title: `An app under ${name}`,
      spec: {
        containers: [app({ CODE: 8 }, { image: initsImage, command: [...argv, '/app'], securityContext })],
      },
      needsProxy: true,
    }),
    twin({
      name: `under-${name}-killed`,
      title: `An app under ${name}, killed from outside`,
      spec: {
        containers: [app({ SLEEP: 600 }, { image: initsImage, command: [...argv, '/app'], securityContext })],
      },
      act: killIn('app'),
    }),
  ]),
];

/** gosu wants root, to give it up. */
function inits(): [string, string[], object][] {
  return [
    ['tini', ['/tini', '--'], { runAsUser: 65532 }],
    ['dumb-init', ['/dumb-init', '--'], { runAsUser: 65532 }],
    ['gosu', ['/gosu', '65532'], { runAsUser: 0 }],
  ];
}
