import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';

/** What a hook is told of a node. No secrets: what `driver_info` hides is not even named. */
export function hookNode(node: Node): JsonObject {
  const shown = Object.entries(node.driver_info).filter(([key]) => !node.secret_keys.includes(key));
  return {
    uuid: node.uuid,
    name: node.name,
    driver: node.driver,
    driver_info: Object.fromEntries(shown),
    properties: node.properties,
    extra: node.extra,
    traits: node.traits,
    resource_class: node.resource_class,
    conductor_group: node.conductor_group,
    owner: node.owner,
    instance_uuid: node.instance_uuid,
    provision_state: node.provision_state,
    power_state: node.power_state,
  };
}
