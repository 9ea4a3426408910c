import type { JsonObject } from '../../json.ts';
import type { Node } from '../../node/node.ts';
import { implementationOf } from '../implementation.ts';
import { type Dialogue, get, linkOf, linksOf, objectOf, textOf } from './dialogue.ts';
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

/** BIOS attributes as they are in force, name → value as text; empty where the BMC does not show them. */
export function* biosSettings(systemPath: string | null): Dialogue<Record<string, string | null>> {
  const path = linkOf((yield* readSystem(systemPath)).body.Bios);
  if (path === null) return {};
  const attributes = objectOf((yield* get(path)).body.Attributes);
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
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
