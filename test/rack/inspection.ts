import type { Clock } from './clock.ts';
import { Ended } from './clock.ts';
import { inspectionOf } from './inventory.ts';
import type { Settings } from './settings.ts';
import { isObject } from './types.ts';
import { type Answer, parsed, type Wire } from './wire.ts';

// The waits between five attempts; whatever fails then ends the agent
const WAITS = [5, 5, 6, 12];

/** Posts the inventory; the node's UUID when the server told one. */
export async function inspect(settings: Settings, wire: Wire, clock: Clock): Promise<string | undefined> {
  const answer = await post(settings, wire, clock);
  if (answer.status >= 400) return undefined;
  const body = parsed(answer);
  if (!isObject(body)) throw new Error('inspection: the answer is no JSON object');
  return typeof body.uuid === 'string' ? body.uuid : undefined;
}

async function post(settings: Settings, wire: Wire, clock: Clock): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    let failure: string;
    try {
      // No version header here: the server sees API version 1.1
      const url = `${settings.apiUrl}/v1/continue_inspection`;
      const answer = await wire.call('POST', url, undefined, inspectionOf(settings));
      if (answer.status !== 409 && answer.status < 500) return answer;
      failure = `status ${answer.status}`;
    } catch (error) {
      if (error instanceof Ended) throw error;
      failure = String(error);
    }
    const wait = WAITS[attempt];
    if (wait === undefined) throw new Error(`inspection: ${failure}`);
    await clock.sleep(wait);
  }
}
