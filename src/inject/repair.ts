/** Gives native sidecars back the restartPolicy that another webhook has dropped. */
import type { Operation } from 'fast-json-patch';
import type { ContainerAt } from '../pod/schema.ts';
import { pointer } from './patch/operations.ts';

export const repairSidecars = (stripped: readonly ContainerAt[]): Operation[] =>
  stripped.map(({ index }) => ({
    op: 'add',
    path: pointer('spec', 'initContainers', index, 'restartPolicy'),
    value: 'Always',
  }));
