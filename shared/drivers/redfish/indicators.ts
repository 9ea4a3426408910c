import type { JsonObject } from '../../json.ts';
import { patch } from './boot.ts';
import { BmcFault, type Dialogue, get, linkOf, linksOf, objectOf, textOf } from './dialogue.ts';
import { readSystem } from './system.ts';

export type LampState = 'on' | 'off' | 'blinking';

/** A lamp as Ironic lists it; `name` is `<id>@<component>`. */
export interface Lamp {
  name: string;
  component: 'system' | 'chassis';
  readonly: boolean;
  states: LampState[];
}
interface Found extends Lamp {
  path: string;
  etag: string | undefined;
  state: LampState | null;
  change(state: LampState): JsonObject;
}

/** `IndicatorLED`, of older schemas. */
const LED: Readonly<Record<LampState, string>> = { on: 'Lit', off: 'Off', blinking: 'Blinking' };

export function* listLamps(systemPath: string | null): Dialogue<Lamp[]> {
  const lamps = yield* readLamps(systemPath);
  return lamps.map(({ name, component, readonly, states }) => ({ name, component, readonly, states }));
}

/** Null: the BMC does not say. A fault for a lamp that is not there. */
export function* lampState(systemPath: string | null, name: string): Dialogue<LampState | null> {
  return named(yield* readLamps(systemPath), name).state;
}

/** A fault for a lamp, or a state of it, that is not there. */
export function* setLamp(systemPath: string | null, name: string, state: string): Dialogue<void> {
  const lamp = named(yield* readLamps(systemPath), name);
  const wanted = lamp.states.find((one) => one === state);
  if (wanted === undefined) {
    throw new BmcFault('unsupported', `${name} can be ${lamp.states.join(', ')}, not ${state}`, 400);
  }
  yield* patch(lamp, lamp.change(wanted));
}

function named(lamps: readonly Found[], name: string): Found {
  const lamp = lamps.find((one) => one.name === name);
  if (lamp) return lamp;
  const known = lamps.length === 0 ? 'none' : lamps.map((one) => one.name).join(', ');
  throw new BmcFault('unsupported', `there is no indicator ${name}; it has ${known}`, 400);
}

function* readLamps(systemPath: string | null): Dialogue<Found[]> {
  const system = yield* readSystem(systemPath);
  const lamps = [...lampOf('system', system)];
  for (const path of linksOf(objectOf(system.body.Links).Chassis).slice(0, 8)) {
    const { body, etag } = yield* get(path);
    lamps.push(...lampOf('chassis', { path: linkOf(body) ?? path, body, etag }));
  }
  return lamps;
}

function lampOf(
  component: Lamp['component'],
  { path, body, etag }: { path: string; body: JsonObject; etag?: string | undefined },
): Found[] {
  const name = `${textOf(body.Id) ?? path.split('/').at(-1)}@${component}`;
  const common = { name, component, readonly: false, path, etag: etag ?? textOf(body['@odata.etag']) ?? undefined };
  if (typeof body.LocationIndicatorActive === 'boolean') {
    const state = body.LocationIndicatorActive ? 'on' : 'off';
    const change = (wanted: LampState) => ({ LocationIndicatorActive: wanted === 'on' });
    return [{ ...common, states: ['off', 'on'], state, change }];
  }
  if (textOf(body.IndicatorLED) === null) return [];
  const states: LampState[] = ['blinking', 'off', 'on'];
  const state = states.find((one) => LED[one] === body.IndicatorLED) ?? null;
  return [{ ...common, states, state, change: (wanted) => ({ IndicatorLED: LED[wanted] }) }];
}
