import type { HardwareType } from '../../shared/drivers/hardware-types.ts';
import { INTERFACE_KINDS } from '../../shared/drivers/interface-kinds.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { ApiRequest } from '../http.ts';

/** Who serves a driver. There are no conductors: one name stands for all of Nodeless. */
export const HOST = 'nodeless';

/** A driver as the microversion in effect shows it. */
export function driverDocument(type: HardwareType, request: ApiRequest, detail: boolean): JsonObject {
  const { minor, publicUrl } = request;
  const document: JsonObject = { name: type.name, hosts: [HOST], links: links(publicUrl, type.name) };
  if (minor >= 14) document.properties = links(publicUrl, `${type.name}/properties`);
  if (minor < 30) return document;
  document.type = 'dynamic';
  if (!detail) return document;
  for (const { kind, since } of INTERFACE_KINDS) {
    if (minor < since) continue;
    document[`default_${kind}_interface`] = type.interfaces[kind].default;
    document[`enabled_${kind}_interfaces`] = [...type.interfaces[kind].enabled];
  }
  return document;
}

function links(publicUrl: string, path: string): JsonObject[] {
  return [
    { rel: 'self', href: `${publicUrl}/v1/drivers/${path}` },
    { rel: 'bookmark', href: `${publicUrl}/drivers/${path}` },
  ];
}
