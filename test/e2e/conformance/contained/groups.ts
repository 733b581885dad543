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
  { title: 'Every exit code, and every signal that ends an app', cases: codes },
  { title: 'Signals', cases: signals },
  { title: 'The program, its arguments and its environment', cases: programs },
  { title: 'Terminals', cases: terminals },
  { title: 'Proxies that fail', cases: proxies },
  { title: 'Pods: several containers, retries, kills', cases: [...pods, ...crowded] },
  { title: 'The order at the end, and how a guard knows that a container has ended', cases: order },
  { title: 'Malicious containers', cases: hostile },
  { title: 'A full disk', cases: fullDisk },
  { title: 'What goes wrong with the usual shell commands', cases: oneLiners },
];
