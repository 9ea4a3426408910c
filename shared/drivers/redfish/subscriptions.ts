import type { JsonObject, JsonValue } from '../../json.ts';
import { ask, type Dialogue, get, linkOf, linksOf } from './dialogue.ts';

const SUBSCRIPTIONS = '/redfish/v1/EventService/Subscriptions';
/** Shown to callers; never a context or headers, which may hold what the receiver trusts. */
const SHOWN = ['Id', 'Destination', 'Protocol', 'Context', 'EventTypes'] as const;

export interface Subscription {
  Destination: string;
  EventTypes: string[];
  Context: string;
  Protocol: string;
  HttpHeaders?: { [name: string]: string }[] | undefined;
}

/** Asks the BMC to post its events somewhere; answers the subscription. */
export function* createSubscription(wanted: Subscription): Dialogue<JsonValue> {
  const { HttpHeaders, ...plain } = wanted;
  const body: JsonObject = { ...plain, ...(HttpHeaders === undefined ? {} : { HttpHeaders }) };
  const answer = yield* ask({ method: 'POST', path: SUBSCRIPTIONS, body });
  const path = pathOf(answer.location) ?? linkOf(answer.body);
  return shown(path === null ? answer.body : (yield* get(path)).body);
}

export function* getSubscription(id: string): Dialogue<JsonValue> {
  return shown((yield* get(`${SUBSCRIPTIONS}/${encodeURIComponent(id)}`)).body);
}

/** The collection, as Ironic answers it: links, not contents. */
export function* getAllSubscriptions(): Dialogue<JsonValue> {
  const { body } = yield* get(SUBSCRIPTIONS);
  return {
    Members: linksOf(body.Members).map((id) => ({ '@odata.id': id })),
    'Members@odata.count': body['Members@odata.count'] ?? linksOf(body.Members).length,
    Name: body.Name ?? null,
  };
}

export function* deleteSubscription(id: string): Dialogue<JsonValue> {
  yield* ask({ method: 'DELETE', path: `${SUBSCRIPTIONS}/${encodeURIComponent(id)}` });
  return null;
}

function shown(body: JsonObject): JsonObject {
  return Object.fromEntries(SHOWN.flatMap((key) => (body[key] === undefined ? [] : [[key, body[key]]])));
}

/** `Location` may be a whole URL; only its path is used, at this BMC. */
function pathOf(location: string | undefined): string | null {
  if (location === undefined || !URL.canParse(location, 'https://bmc')) return null;
  return linkOf({ '@odata.id': new URL(location, 'https://bmc').pathname });
}
