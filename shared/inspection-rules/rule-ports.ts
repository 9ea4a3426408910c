import type { Port } from '../node/node.ts';
import type { PortStore } from '../node/node-store.ts';
import type { InspectionRule } from './inspection-rule.ts';

export type RulePorts = Pick<PortStore, 'ofNode' | 'replace'>;

/** Ports of a node, where a rule is about ports: nobody else pays for the read. */
export async function portsFor(rules: readonly InspectionRule[], node: string, ports: RulePorts): Promise<Port[]> {
  const wanted = rules.some(({ actions }) => actions.some(({ op }) => String(op).endsWith('-port-attribute')));
  return wanted ? ports.ofNode(node) : [];
}

/** Writes the ports that rules changed. */
export async function keepPorts(
  before: readonly Port[],
  after: readonly Port[],
  at: string,
  ports: RulePorts,
): Promise<void> {
  for (const port of after) {
    const old = before.find(({ uuid }) => uuid === port.uuid);
    if (old === undefined || JSON.stringify(old) === JSON.stringify(port)) continue;
    await ports.replace({ ...port, updated_at: at });
  }
}
