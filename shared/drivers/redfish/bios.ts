import type { JsonObject, JsonValue } from '../../json.ts';
import type { Node } from '../../node/node.ts';
import type { ExchangeReply } from '../../run/run.ts';
import type { BiosSettings } from '../bios-settings.ts';
import { patch } from './boot.ts';
import { ask, BmcFault, type Dialogue, get, linkOf, listOf, objectOf } from './dialogue.ts';
import { firmwareOf } from './firmware.ts';
import { actionOf, readSystem } from './system.ts';

interface Bios {
  path: string;
  body: JsonObject;
  attributes: JsonObject;
}

/** Asks for settings; they count from the next boot on. What is in force already is not asked for. */
export function* applyBios(systemPath: string | null, settings: BiosSettings): Dialogue<ExchangeReply> {
  const { path, body, attributes } = yield* readBios(systemPath);
  const wanted = typed(settings, attributes);
  const offer = objectOf(body['@Redfish.Settings']);
  const pendingPath = linkOf(offer.SettingsObject) ?? path;
  const { body: pending, etag } = yield* get(pendingPath);
  const waiting = { ...attributes, ...objectOf(pending.Attributes) };
  if (lacking(wanted, waiting).length === 0) {
    // In force, or asked for already by one of us who did not live to say so: some BMCs take no second wish before a boot.
    return lacking(wanted, attributes).length === 0 ? { kind: 'stepped' } : { kind: 'stepped', restart: true };
  }
  const onReset = listOf(offer.SupportedApplyTimes).includes('OnReset');
  yield* patch(
    { path: pendingPath, etag },
    { Attributes: wanted, ...(onReset && { '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } }) },
  );
  return { kind: 'stepped', restart: true };
}

export function* resetBios(systemPath: string | null): Dialogue<ExchangeReply> {
  const { path, body } = yield* readBios(systemPath);
  const action = actionOf(body, '#Bios.ResetBios', 'ResetType');
  if (!action) throw new BmcFault('unsupported', `${path} has no action to reset the BIOS settings`, 400);
  yield* ask({ method: 'POST', path: action.target, body: {} });
  return { kind: 'stepped', restart: true };
}

/** After the restart: what is in force is kept, and what is not is told. */
export function* checkBios(node: Node, systemPath: string | null, settings: BiosSettings): Dialogue<ExchangeReply> {
  const { attributes } = yield* readBios(systemPath);
  const missing = lacking(typed(settings, attributes), attributes);
  if (missing.length > 0) return { kind: 'stepped', lacking: `not in force: ${missing.join(', ')}` };
  return { kind: 'stepped', firmware: yield* firmwareOf(node, systemPath) };
}

function* readBios(systemPath: string | null): Dialogue<Bios> {
  const path = linkOf((yield* readSystem(systemPath)).body.Bios);
  if (path === null) throw new BmcFault('unsupported', 'it does not show BIOS settings', 400);
  const { body } = yield* get(path);
  return { path, body, attributes: objectOf(body.Attributes) };
}

/** Clients send text; a BMC takes numbers and truth values as what they are. Its present value says what that is. */
function typed(settings: BiosSettings, attributes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, asTypeOf(attributes[name], value)]));
}

function asTypeOf(present: JsonValue | undefined, value: JsonValue): JsonValue {
  if (typeof value !== 'string') return value;
  if (typeof present === 'number' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  if (typeof present === 'boolean' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return value;
}

const lacking = (wanted: JsonObject, state: JsonObject): string[] =>
  Object.keys(wanted).filter((name) => state[name] !== wanted[name]);
