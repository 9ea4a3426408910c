import type { Node } from '../node/node.ts';
import type { Allocation } from './allocation.ts';

type Wish = Pick<Allocation, 'uuid' | 'name' | 'resource_class' | 'candidate_nodes' | 'traits' | 'owner'>;

interface Requirement {
  readonly met: (wish: Wish, node: Node) => boolean;
  readonly otherwise: string;
}

/** In the order in which a person would ask. */
const REQUIREMENTS: readonly Requirement[] = [
  { met: (_, node) => node.provision_state === 'available', otherwise: 'not in state available' },
  { met: (_, node) => node.instance_uuid === null && node.allocation_uuid === null, otherwise: 'in use' },
  { met: (_, node) => !node.maintenance, otherwise: 'in maintenance' },
  { met: (_, node) => node.power_state !== null, otherwise: 'without a known power state' },
  { met: (_, node) => node.reservation === null, otherwise: 'locked' },
  { met: (wish, node) => wish.owner === null || wish.owner === node.owner, otherwise: 'of another owner' },
  {
    met: ({ candidate_nodes: named }, { uuid }) => named.length === 0 || named.includes(uuid),
    otherwise: 'not among the candidate nodes',
  },
  {
    met: ({ traits }, node) => traits.every((trait) => node.traits.includes(trait)),
    otherwise: 'without the wanted traits',
  },
];

export interface Choice {
  /** Best first: a lost race goes to the next one. */
  candidates: Node[];
  /** Why not the others, counted: `2 in use`. Only nodes of the class. */
  reasons: string[];
}

/**
 * Which nodes would do. A node of the allocation's name comes first; the others start at a place that the allocation's
 * UUID decides, so that many allocations at once do not all race for the same node.
 */
export function chooseNode(wish: Wish, nodes: readonly Node[]): Choice {
  const ofClass = nodes.filter((node) => node.resource_class !== null && node.resource_class === wish.resource_class);
  const counts = new Map<string, number>();
  const fit = ofClass.filter((node) => {
    const broken = REQUIREMENTS.find(({ met }) => !met(wish, node));
    if (broken !== undefined) counts.set(broken.otherwise, (counts.get(broken.otherwise) ?? 0) + 1);
    return broken === undefined;
  });
  const start = fit.length === 0 ? 0 : Number.parseInt(wish.uuid.slice(0, 8), 16) % fit.length;
  const spread = [...fit.slice(start), ...fit.slice(0, start)];
  const isNamesake = (node: Node): boolean => wish.name !== null && node.name === wish.name;
  return {
    candidates: [...spread.filter(isNamesake), ...spread.filter((node) => !isNamesake(node))],
    reasons: [...counts].map(([why, count]) => `${count} ${why}`),
  };
}

/** Clients look for the phrase and for the name of the class. */
export function noNode({ uuid, resource_class }: Wish, reasons: readonly string[]): string {
  const others = reasons.length === 0 ? '' : ` (of this class: ${reasons.join(', ')})`;
  return `Failed to process allocation ${uuid}: no available nodes match the resource class ${resource_class}${others}`;
}
