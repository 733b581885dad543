/** Reads a NetworkPolicy as far as the checks need it. Pure. @see https://kubernetes.io/docs/concepts/services-networking/network-policies/ */
import { type Labels, readSelector, selects } from '../../mesh/label-selector.ts';
import { findValue, listAt, numberAt, textAt, textsAt } from '../../util/find-value.ts';
import type { PolicyFacts, PolicyRule } from '../facts.ts';

/** @returns undefined if it does not select pods with these labels */
export function readPolicy(object: unknown, pod: Labels): PolicyFacts | undefined {
  if (!selects(readSelector(findValue(object, 'spec', 'podSelector')), pod)) return undefined;
  const types = textsAt(object, 'spec', 'policyTypes');
  const rules = (direction: 'ingress' | 'egress', peers: 'from' | 'to', type: string) =>
    types.includes(type) ? listAt(object, 'spec', direction).map((rule) => readRule(rule, peers)) : undefined;
  return {
    name: textAt(object, 'metadata', 'name') ?? '',
    ingress: rules('ingress', 'from', 'Ingress'),
    egress: rules('egress', 'to', 'Egress'),
  };
}

// --- internal ---

const readRule = (rule: unknown, peers: 'from' | 'to'): PolicyRule => ({
  ports: listAt(rule, 'ports').length === 0 ? undefined : listAt(rule, 'ports').filter(isTcp).map(readPorts),
  peers: listAt(rule, peers).map((each) => ({
    cidr: textAt(each, 'ipBlock', 'cidr'),
    except: textsAt(each, 'ipBlock', 'except'),
  })),
});

const isTcp = (port: unknown): boolean => (textAt(port, 'protocol') ?? 'TCP') === 'TCP';

const highestPort = 65_535;

/** Without a port, it is about all of them. */
const readPorts = (port: unknown) =>
  findValue(port, 'port') === undefined
    ? { from: 0, to: highestPort }
    : { from: numberAt(port, 'port') ?? textAt(port, 'port') ?? 0, to: numberAt(port, 'endPort') };
