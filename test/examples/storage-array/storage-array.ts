import type { JsonObject } from '../../../shared/json.ts';
import { type Answered, type Asked, type SignedServer, signedServer } from '../signed-server.ts';

export interface StorageArray extends SignedServer {
  /** Volume → initiator that may reach it. */
  attached: Map<string, string>;
  /** Volume → node that it was made for. */
  made: Map<string, string>;
}

/** An array that attaches volumes, slowly, and makes scratch volumes for machines that ask. */
export async function storageArray(secret: string, secondsToAttach: number): Promise<StorageArray> {
  const attached = new Map<string, string>();
  const made = new Map<string, string>();

  async function answer({ request }: Asked): Promise<Answered> {
    const given = request.arguments as JsonObject;
    const node = String((request.node as JsonObject).uuid);
    if (request.method === 'request_volume') {
      // The machine is never believed who it is: Nodeless says for which node it asks.
      const volume = `scratch-${made.size + 1}`;
      made.set(volume, node);
      return { body: { result: { volume_id: volume, size_gb: given.size_gb ?? 0, target: `iqn.example:${volume}` } } };
    }
    const [volume, initiator] = [String(given.volume_id), String(given.initiator)];
    const other = attached.get(volume);
    if (other !== undefined && other !== initiator) {
      return { status: 409, body: { message: `volume ${volume} is attached elsewhere` } };
    }
    await new Promise((resolve) => setTimeout(resolve, secondsToAttach * 1000));
    attached.set(volume, initiator);
    return { body: { result: { volume_id: volume, target: `iqn.example:${volume}`, lun: attached.size } } };
  }

  return { ...(await signedServer(secret, answer)), attached, made };
}
