import { expect, it } from 'vitest';
import { findInHostsFile } from '../../../src/oci/dns/hosts-file.ts';

/** As the kubelet writes it, with hostAliases; and a line of each kind that people write. */
const text = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-mcastprefix
10.244.0.7\tclockout-6d4f

# Entries added by HostAliases.
10.1.2.3\tregistry.example.com\tRegistry # not.this.one
10.1.2.4 registry.example.com\r
not-an-address other.example.com
10.1.2.5
`;

it.each([
  ['localhost', ['127.0.0.1', '::1']],
  ['registry.example.com', ['10.1.2.3', '10.1.2.4']],
  ['REGISTRY.example.COM', ['10.1.2.3', '10.1.2.4']],
  ['registry', ['10.1.2.3']],
  ['not.this.one', []],
  ['other.example.com', []],
  ['example.com', []],
  ['', []],
])('%s has %j', (name, expected) => expect(findInHostsFile(text, name)).toEqual(expected));
