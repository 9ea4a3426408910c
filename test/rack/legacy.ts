import { type Clock, Ended } from './clock.ts';
import type { BeatOutcome } from './heartbeat.ts';
import { legacyInventoryOf } from './inventory.ts';
import { contentOf, type LookupContent } from './lookup.ts';
import type { Settings } from './settings.ts';
import type { Json } from './types.ts';
import { parsed, type Wire } from './wire.ts';

const LONGEST_WAIT = 300;

/** The lookup of 2014-2016: a post of the whole inventory to the driver; only 200 counts. */
export async function legacyLookup(
  settings: Settings,
  wire: Wire,
  clock: Clock,
  tell: (detail: Json) => void,
  nodeUuid?: string,
): Promise<LookupContent> {
  const giveUp = clock.now() + settings.lookupTimeoutSeconds;
  const url = `${settings.apiUrl}/v1/drivers/${settings.legacyDriver}/vendor_passthru/lookup`;
  const body = {
    version: '2',
    inventory: legacyInventoryOf(settings),
    ...(nodeUuid ? { node_uuid: nodeUuid } : {}),
  };
  let wait = settings.lookupIntervalSeconds;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await wire.call('POST', url, undefined, body).catch((error: unknown) => {
      if (error instanceof Ended) throw error;
      return { status: 0, text: '' };
    });
    tell({ status: answer.status, attempt });
    const content = answer.status === 200 ? legacyContentOf(parsed(answer)) : undefined;
    if (content) return content;
    if (clock.now() >= giveUp) throw new Error('lookup: timed out');
    await clock.sleep(wait);
    // Doubles with a factor that is spread around three quarters
    wait = Math.min(LONGEST_WAIT, wait * 2 * (0.65 + settings.random() * 0.2));
  }
}

function legacyContentOf(body: unknown): LookupContent | undefined {
  // The flat form is what these agents read, whatever else the answer has
  if (typeof body !== 'object' || body === null || !('heartbeat_timeout' in body)) return undefined;
  const { config: _config, ...flat } = body as Json;
  return contentOf(flat);
}

export async function legacyBeat(settings: Settings, wire: Wire, uuid: string, agentUrl: string) {
  const url = `${settings.apiUrl}/v1/nodes/${uuid}/vendor_passthru/heartbeat`;
  const answer = await wire.call('POST', url, undefined, { agent_url: agentUrl });
  const outcome: BeatOutcome = answer.status === 202 ? 'accepted' : 'refused';
  return { status: answer.status, outcome };
}
