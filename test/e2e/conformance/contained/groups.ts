/** All cases in process namespaces, in the order of the docs. */
import type { Group } from '../case.ts';
import { codes } from './codes.ts';
import { crowded } from './crowded.ts';
import { fullDisk } from './full-disk.ts';
import { hostile } from './hostile.ts';
import type { ContainedPlace } from './lab.ts';
import { oneLiners } from './one-liners.ts';
import { order } from './order.ts';
import { pods } from './pods.ts';
import { programs } from './programs.ts';
import { proxies } from './proxies.ts';
import { signals } from './signals.ts';
import { terminals } from './terminals.ts';

export const containedGroups: Group<ContainedPlace>[] = [
  { title: 'Every exit code, every deadly signal', cases: codes },
  { title: 'Signals', cases: signals },
  { title: 'The program and what it gets', cases: programs },
  { title: 'Terminals', cases: terminals },
  { title: 'Proxies that fail', cases: proxies },
  { title: 'Pods: several containers, retries, kills', cases: [...pods, ...crowded] },
  { title: 'The order at the end, and what is evidence of one', cases: order },
  { title: 'Containers that mean harm', cases: hostile },
  { title: 'A full disk', cases: fullDisk },
  { title: 'What goes wrong with the usual shell lines', cases: oneLiners },
];
