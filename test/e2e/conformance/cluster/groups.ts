/** All cases on the cluster, in the order of the docs. */
import type { Group } from '../case.ts';
import { basics } from './basics.ts';
import { containers } from './containers.ts';
import { cronJobs } from './cronjobs.ts';
import { exits } from './exits.ts';
import { hooksAndProbes } from './hooks-and-probes.ts';
import { hostile } from './hostile.ts';
import { jobs } from './jobs.ts';
import { kills } from './kills.ts';
import { many } from './many.ts';
import { nativeSidecars } from './native.ts';
import { neverStarts } from './never-starts.ts';
import { otherPods } from './other-pods.ts';
import { peers } from './peers.ts';
import { proxy } from './proxy.ts';
import { reports } from './reports.ts';
import { besideIstio, otherSidecars } from './sidecars.ts';
import type { ClusterPlace } from './support/place.ts';
import { toldToEnd } from './told-to-end.ts';

export const clusterGroups: Group<ClusterPlace>[] = [
  { title: 'Basics', cases: basics },
  { title: 'Exit codes and crashes', cases: exits },
  { title: 'Asked to exit', cases: toldToEnd },
  { title: 'Killed', cases: kills },
  { title: 'Never started', cases: neverStarts },
  { title: 'The proxy', cases: proxy },
  { title: 'Shapes of Jobs', cases: jobs },
  { title: 'CronJobs', cases: cronJobs },
  { title: 'Containers', cases: containers },
  { title: 'Hooks and probes', cases: hooksAndProbes },
  { title: 'Pods that no Job made', cases: otherPods },
  { title: 'Other sidecars, without Istio', cases: otherSidecars },
  { title: "Other sidecars beside Istio's", cases: besideIstio },
  { title: 'Native sidecars', cases: nativeSidecars },
  { title: 'Pods of public reports', cases: reports },
  { title: 'What other webhooks got wrong', cases: peers },
  { title: 'Malicious containers, and a full disk', cases: hostile },
  { title: 'Many at once', cases: many },
];
