/** Checks the NetworkPolicies that are about Clockout's pods. */
import ipaddr from 'ipaddr.js';
import { type Check, type Finding, fault, fine, judge, named, warn } from '../check.ts';
import type { ControlPlane, Facts, Installation, PodFacts, PolicyFacts, PolicyRule } from '../facts.ts';

export const networkChecks: readonly Check[] = [
  {
    id: 'network-policy',
    group: 'Server',
    when: 'after',
    about:
      "The NetworkPolicies that select Clockout's pods let the API server in at the port of the webhook, and let Clockout out to the API server if its settings need that. The check knows no policies of other kinds, such as Cilium's or Calico's.",
    remedy:
      'Let in the addresses from which the requests of the API server come (`networkPolicy.webhookFrom`), and open the ports of the API server (`networkPolicy.apiServerPorts`). See [With a network policy](callers.md#with-a-network-policy).',
    needs:
      '`list` on `networkpolicies` and `pods` in the namespace of Clockout, `list` on `nodes` and `endpointslices`',
    find: (facts) =>
      facts.installation &&
      judge('the network policies', facts.installation.policies, (policies) =>
        findBlocked(policies, facts, facts.installation),
      ),
  },
];

// --- internal ---

function findBlocked(
  policies: readonly PolicyFacts[],
  { probes }: Facts,
  installation?: Installation,
): Finding | undefined {
  const [pod] = installation?.pods.ok ? installation.pods.value : [];
  const port = pod?.ports.find(({ name }) => name === 'webhook')?.port;
  if (!installation || !pod || port === undefined) return undefined;
  if (pod.usesHostNetwork)
    return fine('the replicas use the network of their nodes, where NetworkPolicies have no effect');
  if (policies.length === 0) return fine("no NetworkPolicy selects Clockout's pods");
  const control = installation.controlPlane.ok ? installation.controlPlane.value : undefined;
  const asks = (installation.rights.ok ? installation.rights.value.length : 0) > 0;
  return findIngress(policies, pod, port, control, probes) ?? findEgress(policies, control, asks) ?? fineFor(policies);
}

const fineFor = (policies: readonly PolicyFacts[]) =>
  fine(
    `${named(policies.map(({ name }) => name))} ${policies.length === 1 ? 'lets' : 'let'} the API server reach the webhook`,
  );

function findIngress(
  policies: readonly PolicyFacts[],
  { ports }: PodFacts,
  port: number,
  control: ControlPlane | undefined,
  { samples }: Facts['probes'],
): Finding | undefined {
  const about = policies.filter(({ ingress }) => ingress !== undefined);
  if (about.length === 0) return undefined;
  const names = named(about.map(({ name }) => name));
  const nameOf = ports.find((each) => each.port === port)?.name;
  const open = about.flatMap(({ ingress = [] }) => ingress).filter((rule) => opens(rule, port, nameOf));
  if (open.length === 0)
    return fault(
      `${names} lets nothing reach port ${port}, at which the API server calls the webhook`,
      'Open the port.',
    );
  if (open.some(({ peers }) => peers.length === 0)) return undefined;
  const callers = [...(control?.addresses ?? []), ...(control?.nodes ?? [])];
  if (callers.some((address) => open.some((rule) => lets(rule, address)))) return undefined;
  // It came through, or the network plugin enforces nothing: either way the policy is not what is in the way.
  if (samples.some((sample) => sample.ok && sample.value.answer.ok)) return undefined;
  return warn(
    `${names} lets only some callers reach port ${port}, and no address of the API server or of a node is among them`,
    'Add the addresses from which the requests of the API server come (networkPolicy.webhookFrom).',
  );
}

function findEgress(
  policies: readonly PolicyFacts[],
  control: ControlPlane | undefined,
  asks: boolean,
): Finding | undefined {
  const about = policies.filter(({ egress }) => egress !== undefined);
  if (about.length === 0 || !asks || !control) return undefined;
  const rules = about.flatMap(({ egress = [] }) => egress).filter((rule) => opens(rule, control.port));
  const isOpen = rules.some(
    (rule) => rule.peers.length === 0 || control.addresses.some((address) => lets(rule, address)),
  );
  if (isOpen) return undefined;
  return fault(
    `${named(about.map(({ name }) => name))} does not let Clockout reach the API server at port ${control.port}`,
    'Open the port (networkPolicy.apiServerPorts).',
  );
}

const opens = ({ ports }: PolicyRule, port: number, name?: string): boolean =>
  ports === undefined ||
  ports.some(({ from, to }) => (typeof from === 'string' ? from === name : from <= port && port <= (to ?? from)));

/** Selectors of pods do not let in the API server, which is not a pod in the network of pods. */
const lets = ({ peers }: PolicyRule, address: string): boolean =>
  peers.length === 0 ||
  peers.some(
    ({ cidr, except }) => cidr !== undefined && isIn(address, cidr) && !except.some((each) => isIn(address, each)),
  );

function isIn(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(cidr)) return false;
  const [parsed, [range, bits]] = [ipaddr.parse(address), ipaddr.parseCIDR(cidr)];
  return parsed.kind() === range.kind() && parsed.match(range, bits);
}
