import type { Clock } from './clock.ts';
import { Ended } from './clock.ts';
import type { Discovery } from './discovery.ts';
import { reportedMac } from './inventory.ts';
import type { Settings } from './settings.ts';
import { isObject, type Json } from './types.ts';
import { parsed, type Wire } from './wire.ts';

export interface LookupTools {
  readonly settings: Settings;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly discovery: Discovery;
  readonly tell: (detail: Json) => void;
}

export interface LookupContent {
  readonly node: Json;
  readonly config: Json;
}

const CONFLICT_WAITS = [5, 10, 30];
const LONGEST_WAIT = 60;

/** `GET /v1/lookup` until it succeeds; gives up after the lookup timeout. */
export async function lookup(tools: LookupTools, nodeUuid?: string): Promise<LookupContent> {
  const { settings, clock } = tools;
  const giveUp = clock.now() + settings.lookupTimeoutSeconds;
  let conflicts = 0;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(tools, nodeUuid);
    tools.tell({ status: outcome.status, attempt });
    if (outcome.content) return outcome.content;
    if (outcome.status === 409) {
      await clock.sleep(CONFLICT_WAITS[Math.min(conflicts, CONFLICT_WAITS.length - 1)] ?? 0);
      conflicts += 1;
    }
    if (clock.now() >= giveUp) throw new Error('lookup: timed out');
    // Uniform between the interval and a bound that doubles
    const bound = Math.min(LONGEST_WAIT, 2 ** (attempt - 1));
    const least = settings.lookupIntervalSeconds;
    await clock.sleep(least + settings.random() * Math.max(0, bound - least));
  }
}

async function once(tools: LookupTools, nodeUuid?: string): Promise<{ status: number; content?: LookupContent }> {
  const { settings, wire, discovery } = tools;
  const addresses = settings.macs.filter((mac) => reportedMac(mac) !== null).join(',');
  const extra = { ...(nodeUuid ? { node_uuid: nodeUuid } : {}), ...settings.lookupExtra };
  const query = new URLSearchParams({ addresses, ...extra });
  try {
    const answer = await wire.call('GET', `${settings.apiUrl}/v1/lookup?${query}`, await discovery.forLookup());
    const { defects } = settings;
    if (defects.lostLookupAnswers) {
      defects.lostLookupAnswers -= 1;
      return { status: 0 };
    }
    const body = parsed(answer);
    if (answer.status !== 200) {
      // The real agent looks for a member of it and falls over
      if (body !== undefined && !isObject(body)) throw new TypeError('lookup: the error is no JSON object');
      return { status: answer.status };
    }
    const content = contentOf(body);
    return content ? { status: 200, content } : { status: 200 };
  } catch (error) {
    if (error instanceof Ended || error instanceof TypeError) throw error;
    return { status: 0 };
  }
}

/** The answer if it is one: with `config`, or with the flat `heartbeat_timeout` of before 2016. */
export function contentOf(body: unknown): LookupContent | undefined {
  if (!isObject(body) || !isObject(body.node) || typeof body.node.uuid !== 'string') return undefined;
  if (isObject(body.config)) return { node: body.node, config: body.config };
  if (!('heartbeat_timeout' in body)) return undefined;
  return { node: body.node, config: { heartbeat_timeout: body.heartbeat_timeout } };
}
