import { type Clock, timestamp } from '../clock.ts';
import { type DocumentStore, documentKey } from '../documents.ts';
import type { JsonObject } from '../json.ts';

/** What a BMC said of its machine's BIOS settings and firmware, and when. */
export interface KeptFirmware {
  /** Name → value as text. */
  bios: Record<string, string | null>;
  /** `component`, `current_version`, `vendor`, `model`, `serial_number`. */
  firmware: JsonObject[];
  readAt: string;
}

/** Below the inventory, which an inspection writes at the same time by the same right. */
const keyOf = (uuid: string) => documentKey('inventory', `${uuid}/firmware.json`);

/** `told` as the driver's inspection gives it. */
export async function keepFirmware(
  uuid: string,
  told: JsonObject,
  given: { documents: Pick<DocumentStore, 'put'>; clock: Clock },
): Promise<KeptFirmware> {
  const kept = { ...told, readAt: timestamp(given.clock.now()) } as unknown as KeptFirmware;
  await given.documents.put(keyOf(uuid), new TextEncoder().encode(JSON.stringify(kept)), 'application/json');
  return kept;
}

export async function keptFirmware(
  uuid: string,
  documents: Pick<DocumentStore, 'get'>,
): Promise<KeptFirmware | undefined> {
  const bytes = await documents.get(keyOf(uuid));
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}
