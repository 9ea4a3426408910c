import type { JsonObject } from '../../json.ts';
import type { Node } from '../../node/node.ts';
import { textsOf } from '../bios-settings.ts';
import { implementationOf } from '../implementation.ts';
import { type Dialogue, faultOf, get, linkOf, linksOf, objectOf, textOf } from './dialogue.ts';
import { readSystem } from './system.ts';

/** Whether the node's interfaces ask for it. */
export function tellsFirmware(node: Pick<Node, 'interfaces'>): boolean {
  return implementationOf(node, 'bios') === 'redfish' || implementationOf(node, 'firmware') === 'redfish';
}

/** Both, as they are kept; what the node's interfaces do not ask for is empty. */
export function* firmwareOf(
  node: Pick<Node, 'interfaces'>,
  systemPath: string | null,
): Dialogue<{ bios: Record<string, string | null>; firmware: JsonObject[] }> {
  const bios = implementationOf(node, 'bios') === 'redfish' ? yield* biosSettings(systemPath) : {};
  const firmware = implementationOf(node, 'firmware') === 'redfish' ? yield* firmwareVersions(systemPath) : [];
  return { bios, firmware };
}

/** A resource that is linked, and not there: every node is asked for it, so that an inspection must not fail of it. */
const NOT_THERE: ReadonlySet<number> = new Set([404, 405, 501]);

/** BIOS attributes as they are in force, name → value as text; empty where the BMC does not show them. */
export function* biosSettings(systemPath: string | null): Dialogue<Record<string, string | null>> {
  const path = linkOf((yield* readSystem(systemPath)).body.Bios);
  if (path === null) return {};
  const call = { method: 'GET', path } as const;
  const answer = yield call;
  if (NOT_THERE.has(answer.status)) return {};
  if (answer.status < 200 || answer.status >= 300) throw faultOf(call, answer);
  return textsOf(objectOf(answer.body.Attributes));
}

/** `bios` and `bmc`, the components that Ironic reads by Redfish everywhere. */
export function* firmwareVersions(systemPath: string | null): Dialogue<JsonObject[]> {
  const { body: system } = yield* readSystem(systemPath);
  const [manager] = linksOf(objectOf(system.Links).ManagedBy);
  const bmc: JsonObject = manager === undefined ? {} : (yield* get(manager)).body;
  return [
    ['bios', textOf(system.BiosVersion), system],
    ['bmc', textOf(bmc.FirmwareVersion), bmc],
  ].flatMap(([component, version, of]) => {
    if (version === null || typeof component !== 'string') return [];
    const { Manufacturer: vendor, Model: model, SerialNumber: serial } = objectOf(of as JsonObject);
    return [
      {
        component,
        current_version: version as string,
        vendor: textOf(vendor),
        model: textOf(model),
        serial_number: textOf(serial),
      },
    ];
  });
}
