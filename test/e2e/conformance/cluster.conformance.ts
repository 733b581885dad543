/** Runs the cases of the cluster, many at a time in one namespace; those that need the cluster to themselves come last. */
import { afterAll, beforeAll, describe } from 'vitest';
import { isWanted } from '../../project/cross-section.ts';
import { removeNamespaces } from '../cluster/suite/kube.ts';
import { clusterGroups } from './cluster/groups.ts';
import { type ClusterPlace, makePlace } from './cluster/support/place.ts';
import { runGroups } from './run-groups.ts';

let place: ClusterPlace;

beforeAll(async () => {
  place = await makePlace();
});

afterAll(async () => {
  place.observer.stop();
  await removeNamespaces();
});

const placeOf = async () => place;

describe.concurrent('cluster', () => runGroups(clusterGroups, placeOf, (each) => isWanted(each) && !each.alone));
describe('cluster, alone', () => runGroups(clusterGroups, placeOf, (each) => isWanted(each) && each.alone === true));
