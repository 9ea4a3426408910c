import type { JsonObject } from '../json.ts';
import { links, view } from '../resource/view.ts';
import type { Port } from './node.ts';
import { PORT_FIELDS } from './port-fields.ts';

export function showPort(
  port: Port,
  { publicUrl, minor }: { publicUrl: string; minor: number },
  only?: readonly string[],
): JsonObject {
  const shown = view({ ...port } as unknown as JsonObject, PORT_FIELDS, minor, only);
  return { ...shown, links: links(publicUrl, `ports/${port.uuid}`) };
}
