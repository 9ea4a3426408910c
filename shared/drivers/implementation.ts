import type { Node } from '../node/node.ts';
import { fieldOf, type InterfaceKind } from './interface-kinds.ts';

/** A vendor's name → the implementation that is the same thing here. */
const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['idrac-redfish', 'redfish'],
  ['idrac-redfish-virtual-media', 'redfish-virtual-media'],
]);

/** What carries out an interface of that name. */
export const sameAs = (name: string): string => SAME_AS.get(name) ?? name;

/** What carries out an interface of a node: whoever decides by it asks here, never the field, which has clients' names. */
export function implementationOf({ interfaces }: Pick<Node, 'interfaces'>, kind: InterfaceKind): string {
  return sameAs(interfaces[fieldOf(kind)] ?? `no-${kind}`);
}
