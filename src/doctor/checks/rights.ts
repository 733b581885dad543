/** Checks what the service account of Clockout may do. */
import { plural } from '../../util/count.ts';
import { type Check, type Finding, fault, fine, judge, named } from '../check.ts';
import type { Right } from '../facts.ts';

export const rightChecks: readonly Check[] = [
  {
    id: 'rights',
    group: 'Server',
    when: 'after',
    about: 'The service account of Clockout has the rights that its settings need, as the chart grants them.',
    remedy:
      'Set `rbac.create: true`, or grant the right that the line names. [Security](security.md) lists who needs what, and why.',
    needs: '`create` on `subjectaccessreviews`; inside of the pod, nothing',
    find: ({ installation }) =>
      installation && judge('the rights of the service account', installation.rights, findRights),
  },
];

// --- internal ---

function findRights(rights: readonly Right[]): Finding {
  if (rights.length === 0) return fine('Clockout needs no rights with its settings');
  const missing = rights.filter(({ isAllowed }) => !isAllowed);
  const [first] = missing;
  if (!first) return fine(`the service account has the ${plural(rights.length, 'right')} that its settings need`);
  const names = missing.map(describeRight);
  return fault(`the service account may not ${named(names)}: ${first.why}`, 'Grant it, or set rbac.create: true.');
}

const describeRight = ({ verb, resource, namespace }: Right): string =>
  `${verb} ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`;
