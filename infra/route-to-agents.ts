import { networks } from '../shared/address/never-reached.ts';
import type { Configuration } from '../shared/configuration.ts';
import type { Options } from './options.ts';

/** What the internet does not route. */
const PRIVATE = networks(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10']);

/** Why commands will not arrive, where that can be seen before the first one is sent. */
export function noRouteToAgents(
  { vpc }: Pick<Options, 'vpc'>,
  { agentNetworks }: Pick<Configuration, 'agentNetworks'>,
): string | undefined {
  const reachable = agentNetworks.some((network) => {
    const [address = ''] = network.split('/');
    return !PRIVATE.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  });
  if (vpc !== undefined || reachable) return undefined;
  return `Agents are in ${agentNetworks.join(', ')}, and nothing leads there: machines enrol, and every deploy will fail. Give vpc, subnets and securityGroups of a network with a way to the machines, or public agentNetworks (infra/README.md, The first hour)`;
}
