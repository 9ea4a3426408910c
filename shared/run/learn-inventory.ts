import { randomUUID } from 'node:crypto';
import { type Clock, timestamp } from '../clock.ts';
import { type DocumentStore, documentKey } from '../documents.ts';
import { keepFirmware } from '../drivers/kept-firmware.ts';
import { ClaimTaken, VersionConflict } from '../errors.ts';
import { evidenceFromInventory } from '../identity/from-inventory.ts';
import { applyRules, type Outcome, saidBy } from '../inspection-rules/apply-rules.ts';
import { keepPorts, portsFor, type RulePorts } from '../inspection-rules/rule-ports.ts';
import { publishedRules } from '../inspection-rules/rule-set.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { newPort } from '../node/new-node.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { ExchangeReply } from './run.ts';

interface Given {
  nodes: Pick<NodeStore, 'replace'>;
  ports: RulePorts;
  resources: Pick<ResourceStore, 'get'>;
  documents: Pick<DocumentStore, 'put'>;
  clock: Clock;
}

/** As many as a transaction holds beside row, claims and event (design §3). */
const MACS_A_WRITE = 40;

/**
 * What a BMC told, as a ramdisk's inventory is learned: the document whole, properties where the operator left room, a
 * port for each new MAC, and what the operator's rules make of it. Written here and not by the reducer, as the agent's is; asking again writes nothing twice.
 */
export async function learnInventory(
  node: Node,
  { inventory, firmware }: Extract<ExchangeReply, { kind: 'inspected' }>,
  given: Given,
): Promise<ExchangeReply> {
  const at = timestamp(given.clock.now());
  const rules = await publishedRules(given.resources);
  const properties = { ...found(inventory), ...node.properties };
  const macs = macsOf(inventory).filter((mac) => !node.macs.includes(mac));
  const unknown = macs.map((address) => newPort({ uuid: randomUUID(), address, node_uuid: node.uuid, created_at: at }));
  const known = await portsFor(rules, node.uuid, given.ports);
  const ports = [...known, ...unknown];
  const ruled = applyRules(rules, { node: { ...node, properties }, ports, inventory, pluginData: {} });
  if (ruled.failed !== null) return { kind: 'refused', status: 400, message: ruled.failed };
  const json = new TextEncoder().encode(JSON.stringify({ inventory, plugin_data: ruled.pluginData }));
  await given.documents.put(documentKey('inventory', `${node.uuid}.json`), json, 'application/json');
  if (firmware !== undefined) await keepFirmware(node.uuid, firmware, given);
  await keepPorts(known, ruled.ports, at, given.ports);
  const fresh = ruled.ports.filter(({ address }) => macs.includes(address));
  let learned: Node = { ...ruled.node, inspection_finished_at: at };
  const batches = Math.max(1, Math.ceil(fresh.length / MACS_A_WRITE));
  try {
    for (let batch = 0; batch < batches; batch += 1) {
      const some = fresh.slice(batch * MACS_A_WRITE, (batch + 1) * MACS_A_WRITE);
      learned = await given.nodes.replace(
        learned,
        [
          toldEvent(
            some.map(({ address }) => address),
            ruled,
          ),
        ],
        some,
      );
    }
  } catch (error) {
    if (error instanceof VersionConflict) return { kind: 'unreachable', message: 'the node was changed meanwhile' };
    if (!(error instanceof ClaimTaken)) throw error;
    const owner = error.owner === undefined ? '' : ` (node ${error.owner})`;
    const message = `${error.kind} ${error.value} belongs to another node${owner}: see which of the two this BMC is of`;
    return { kind: 'refused', status: 409, message };
  }
  return { kind: 'accepted' };
}

function toldEvent(macs: readonly string[], { applied, log }: Outcome) {
  const more = macs.length === 0 ? '' : `; learned the MACs ${macs.join(', ')}`;
  return {
    event_type: 'inspected',
    event: `The BMC told what the machine is${more}${saidBy(log)}`,
    severity: 'INFO' as const,
    user: 'run',
    detail: { macs: [...macs], ...(applied.length > 0 && { rules: applied, log }) },
  };
}

function found(inventory: JsonObject): JsonObject {
  const { serial_number: serial, system_uuid: uuid } = (inventory.system_vendor ?? {}) as JsonObject;
  const identity: Record<string, JsonValue> = {};
  if (typeof serial === 'string') identity.serial_number = serial;
  if (typeof uuid === 'string') identity.system_uuid = uuid.toLowerCase();
  return { ...identity, ...evidenceFromInventory(inventory).profile };
}

/** In the form that ports have already (`redfish/inspect.ts`). */
function macsOf(inventory: JsonObject): string[] {
  const interfaces = Array.isArray(inventory.interfaces) ? inventory.interfaces : [];
  const all = interfaces.flatMap((one) => {
    const mac = typeof one === 'object' && one !== null && !Array.isArray(one) ? one.mac_address : undefined;
    return typeof mac === 'string' ? [mac] : [];
  });
  return [...new Set(all)];
}
