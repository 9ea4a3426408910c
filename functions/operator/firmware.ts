import { implementationOf } from '../../shared/drivers/implementation.ts';
import { type KeptFirmware, keepFirmware, keptFirmware } from '../../shared/drivers/kept-firmware.ts';
import { firmwareOf, tellsFirmware } from '../../shared/drivers/redfish/firmware.ts';
import { NotFound, Unavailable } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Node } from '../../shared/node/node.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import { links } from '../../shared/resource/view.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const BIOS = 40;
const FIRMWARE = 86;
/** Since when a component says what it is. */
const FIRMWARE_ORIGIN = 114;

type Given = Pick<Services, 'nodes' | 'bmcs' | 'documents' | 'clock'>;

/**
 * BIOS settings and firmware versions, where the node's interfaces are `redfish`, as the last inspection or step read them; a BMC is
 * asked once after the node's state has changed, since a deploy or clean may have changed them. Elsewhere empty lists,
 * which is all that clients need to go on.
 */
export function firmwareHandlers({ nodes, bmcs, documents, clock }: Given): Record<string, Handler> {
  const told = async (node: Node): Promise<KeptFirmware> => {
    const none: KeptFirmware = { bios: {}, firmware: [], readAt: node.created_at };
    // Pretended settings are what the last step made of them.
    if (implementationOf(node, 'bios') === 'fake') return (await keptFirmware(node.uuid, documents)) ?? none;
    if (!tellsFirmware(node)) return none;
    const kept = await keptFirmware(node.uuid, documents);
    if (kept !== undefined && isStill(node, kept)) return kept;
    try {
      const now = await bmcs.talk(node, ({ systemPath }) => firmwareOf(node, systemPath));
      return await keepFirmware(node.uuid, now, { documents, clock });
    } catch (error) {
      // What was read last says when that was.
      if (error instanceof Unavailable && kept !== undefined) return kept;
      throw error;
    }
  };
  return {
    '#bios': async (request) => {
      needs(request, BIOS, 404);
      parseQuery(request.query, { detail: ['boolean', 74], fields: ['list', 74] }, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const { bios, readAt } = await told(node);
      const settings = Object.entries(bios).map((setting) => shownSetting(node, setting, { request, readAt }));
      return { status: 200, body: { bios: settings } };
    },
    '#bios-setting': async (request) => {
      needs(request, BIOS, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const name = request.params.setting ?? '';
      const { bios, readAt } = await told(node);
      if (!Object.hasOwn(bios, name)) {
        throw new NotFound(`Node ${node.uuid} doesn't have a BIOS setting '${name}'`);
      }
      return { status: 200, body: { [name]: shownSetting(node, [name, bios[name] ?? null], { request, readAt }) } };
    },
    '#firmware': async (request) => {
      needs(request, FIRMWARE, 404);
      parseQuery(request.query, { fields: ['list', FIRMWARE] }, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const { firmware, readAt } = await told(node);
      const shown = firmware.map((one) => shownComponent(node, one, { minor: request.minor, readAt }));
      return { status: 200, body: { firmware: shown } };
    },
  };
}

/** While a run works with the BMC nobody else asks it. */
function isStill({ run, provision_updated_at: changed }: Node, { readAt }: KeptFirmware): boolean {
  const busy = run !== null && run.ended === null;
  return busy || changed === null || Date.parse(changed) <= Date.parse(readAt);
}

function shownSetting(
  node: Node,
  [name, value]: [string, string | null],
  { request, readAt }: { request: ApiRequest; readAt: string },
): JsonObject {
  const path = `nodes/${node.uuid}/bios/${encodeURIComponent(name)}`;
  return { name, value, created_at: node.created_at, updated_at: readAt, links: links(request.publicUrl, path) };
}

function shownComponent(
  node: Node,
  component: JsonObject,
  { minor, readAt }: { minor: number; readAt: string },
): JsonObject {
  const { vendor, model, serial_number, ...rest } = component;
  return {
    ...rest,
    // What it was before, and what was flashed, nobody has written down.
    initial_version: rest.current_version ?? null,
    last_version_flashed: null,
    created_at: node.created_at,
    updated_at: readAt,
    ...(minor >= FIRMWARE_ORIGIN
      ? { vendor: vendor ?? null, model: model ?? null, serial_number: serial_number ?? null }
      : {}),
  };
}
