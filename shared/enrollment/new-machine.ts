import type { Configuration } from '../configuration.ts';
import { defaultInterfaces } from '../drivers/registry.ts';
import { type Evidence, macsOf, propertiesOf } from '../identity/evidence.ts';
import type { JsonObject } from '../json.ts';
import { newNode, newPort } from '../node/new-node.ts';
import type { Node, Port } from '../node/node.ts';
import { nameFrom } from './name-template.ts';
import type { NodeShape } from './policy.ts';

/** The node and ports of a machine that nobody knows, as a policy or a person wants it. */
export function newMachine(
  evidence: Evidence,
  shape: NodeShape,
  given: { settings: Configuration['enrollment']; created_at: string; uuid(): string; nameTaken?: boolean },
): { node: Node; ports: Port[] } {
  const { settings, created_at } = given;
  const uuid = given.uuid();
  const { provide_when_present } = shape;
  const driver = shape.driver ?? settings.driver;
  const name = shape.name === undefined ? null : nameFrom(shape.name, evidence);
  const node = newNode({
    uuid,
    driver,
    created_at,
    interfaces: defaultInterfaces(driver),
    provision_state: shape.state ?? settings.state,
    driver_info: provide_when_present === undefined ? {} : { provide_when_present },
    resource_class: shape.resource_class ?? settings.resourceClass,
    owner: shape.owner ?? null,
    traits: [...new Set(shape.traits ?? [])],
    power_state: 'power on',
    properties: { ...propertiesOf(evidence), ...(shape.properties as JsonObject | undefined) },
    // Two machines may fill in one template alike.
    name: name !== null && given.nameTaken ? `${name}-${uuid.slice(-8)}` : name,
  });
  const ports = macsOf(evidence).map((address) =>
    newPort({ uuid: given.uuid(), address, node_uuid: uuid, created_at }),
  );
  return { node, ports };
}
