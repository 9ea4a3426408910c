import type { Handler, Services } from '../services.ts';
import { withActs } from './acts.ts';
import { allocationHandlers } from './allocations.ts';
import { bootDeviceHandlers } from './boot-device.ts';
import { bootModeHandlers } from './boot-mode.ts';
import { chassisHandlers } from './chassis.ts';
import { childHandlers } from './children.ts';
import { conductorHandlers } from './conductors.ts';
import { consoleHandlers } from './console.ts';
import { deployTemplateHandlers } from './deploy-templates.ts';
import { discoveryHandlers } from './discovery.ts';
import { drivers } from './drivers.ts';
import { firmwareHandlers } from './firmware.ts';
import { historyHandlers } from './history.ts';
import { indicatorHandlers } from './indicators.ts';
import { inspectionRuleHandlers } from './inspection-rules.ts';
import { inventoryHandlers } from './inventory.ts';
import { maintenanceHandlers } from './maintenance.ts';
import { networkEventHandlers } from './network-events.ts';
import { explainHandlers } from './nodeless/explain.ts';
import { inboxHandlers } from './nodeless/inbox.ts';
import { joinTokenHandlers } from './nodeless/join-tokens.ts';
import { matchingHandlers } from './nodeless/matching.ts';
import { policyHandlers } from './nodeless/policies.ts';
import { nodeHandlers } from './nodes.ts';
import { portgroupHandlers } from './portgroups.ts';
import { portHandlers } from './ports.ts';
import { raidHandlers } from './raid.ts';
import { runbookHandlers } from './runbooks.ts';
import { shardHandlers } from './shards.ts';
import { stateHandlers } from './states.ts';
import { traitHandlers } from './traits.ts';
import { validateHandlers } from './validate.ts';
import { vendor } from './vendor.ts';
import { vifHandlers } from './vifs.ts';
import { vmediaHandlers } from './vmedia.ts';
import { connectorHandlers, targetHandlers, volumeRootHandlers } from './volume.ts';

/** One file a resource; the name in front of `#` is the file. */
const RESOURCES: Record<string, (services: Services) => Record<string, Handler>> = {
  discovery: discoveryHandlers,
  nodes: nodeHandlers,
  ports: portHandlers,
  states: stateHandlers,
  maintenance: maintenanceHandlers,
  validate: validateHandlers,
  'boot-device': bootDeviceHandlers,
  'boot-mode': bootModeHandlers,
  traits: traitHandlers,
  children: childHandlers,
  history: historyHandlers,
  console: consoleHandlers,
  indicators: indicatorHandlers,
  inventory: inventoryHandlers,
  raid: raidHandlers,
  shards: shardHandlers,
  firmware: firmwareHandlers,
  vifs: vifHandlers,
  vmedia: vmediaHandlers,
  conductors: conductorHandlers,
  allocations: allocationHandlers,
  'deploy-templates': deployTemplateHandlers,
  runbooks: runbookHandlers,
  'inspection-rules': inspectionRuleHandlers,
  chassis: chassisHandlers,
  portgroups: portgroupHandlers,
  volume: volumeRootHandlers,
  connectors: connectorHandlers,
  targets: targetHandlers,
  'network-events': networkEventHandlers,
  inbox: inboxHandlers,
  policies: policyHandlers,
  'join-tokens': joinTokenHandlers,
  matching: matchingHandlers,
  explain: explainHandlers,
};

/** Every handler of the operator API by the id that `routes.ts` names it with. */
export function operatorHandlers(services: Services): Record<string, Handler> {
  const own = Object.entries(RESOURCES).flatMap(([name, build]) =>
    Object.entries(build(services)).map(([action, handler]) => [`operator/${name}${action}`, handler] as const),
  );
  return withActs({ ...Object.fromEntries(own), ...drivers(), ...vendor(services) }, services);
}
