import { biosSettings, firmwareVersions } from '../../shared/drivers/redfish/firmware.ts';
import { NotFound } from '../../shared/errors.ts';
import type { JsonObject, Node } from '../../shared/node/node.ts';
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

/**
 * BIOS settings and firmware versions as the BMC tells them now, where the node's interfaces are `redfish`; nothing is
 * kept. Elsewhere empty lists, which is all that clients need to go on.
 */
export function firmwareHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  const settingsOf = async (node: Node): Promise<Record<string, string | null>> =>
    node.interfaces.bios_interface === 'redfish' ? bmcs.talk(node, ({ systemPath }) => biosSettings(systemPath)) : {};
  return {
    '#bios': async (request) => {
      needs(request, BIOS, 404);
      parseQuery(request.query, { detail: ['boolean', 74], fields: ['list', 74] }, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const settings = Object.entries(await settingsOf(node));
      return { status: 200, body: { bios: settings.map((setting) => shownSetting(node, setting, request)) } };
    },
    '#bios-setting': async (request) => {
      needs(request, BIOS, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const name = request.params.setting ?? '';
      const settings = await settingsOf(node);
      if (!Object.hasOwn(settings, name)) {
        throw new NotFound(`Node ${node.uuid} doesn't have a BIOS setting '${name}'`);
      }
      return { status: 200, body: { [name]: shownSetting(node, [name, settings[name] ?? null], request) } };
    },
    '#firmware': async (request) => {
      needs(request, FIRMWARE, 404);
      parseQuery(request.query, { fields: ['list', FIRMWARE] }, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const found =
        node.interfaces.firmware_interface === 'redfish'
          ? await bmcs.talk(node, ({ systemPath }) => firmwareVersions(systemPath))
          : [];
      return { status: 200, body: { firmware: found.map((one) => shownComponent(node, one, request.minor)) } };
    },
  };
}

function shownSetting(node: Node, [name, value]: [string, string | null], { publicUrl }: ApiRequest): JsonObject {
  const path = `nodes/${node.uuid}/bios/${encodeURIComponent(name)}`;
  return { name, value, created_at: node.created_at, updated_at: null, links: links(publicUrl, path) };
}

function shownComponent(node: Node, component: JsonObject, minor: number): JsonObject {
  const { vendor, model, serial_number, ...rest } = component;
  return {
    ...rest,
    // What it was before, and what was flashed, nobody has written down.
    initial_version: rest.current_version ?? null,
    last_version_flashed: null,
    created_at: node.created_at,
    updated_at: null,
    ...(minor >= FIRMWARE_ORIGIN
      ? { vendor: vendor ?? null, model: model ?? null, serial_number: serial_number ?? null }
      : {}),
  };
}
