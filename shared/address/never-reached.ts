import { BlockList, isIP } from 'node:net';

/** Never a machine or its BMC, whatever somebody declares: link-local, metadata services, unspecified, multicast. */
const NEVER: readonly string[] = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata and platform services of clouds that are not link-local.
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fe80::/10',
  'ff00::/8',
  // Forms that carry an IPv4 address to a translator or a tunnel, whichever it is: the rules above would not see it.
  // IPv4-compatible (with `::`), SIIT, NAT64, NAT64 of a site, Teredo, 6to4.
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2002::/16',
];
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

export function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix = ''] = cidr.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

const never = networks(NEVER);
const loopback = networks(LOOPBACK);

/**
 * True for an IP address that no exchange may go to, and for what is no address. IPv4-mapped IPv6 counts as the IPv4
 * address in it (BlockList does that); a zone id only makes sense for link-local ones.
 */
export function isNeverReached(address: string, options: { loopback: boolean } = { loopback: true }): boolean {
  const kind = isIP(address);
  if (kind === 0 || address.includes('%')) return true;
  const family = kind === 6 ? 'ipv6' : 'ipv4';
  return loopback.check(address, family) ? !options.loopback : never.check(address, family);
}
