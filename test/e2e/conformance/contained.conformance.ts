/** Runs the cases of process namespaces, each in a pod of its own. */
import { describe } from 'vitest';
import { isWanted } from '../../project/cross-section.ts';
import { containedGroups } from './contained/groups.ts';
import { runGroups } from './run-groups.ts';

describe.concurrent('contained', () => runGroups(containedGroups, async () => ({}), isWanted));
