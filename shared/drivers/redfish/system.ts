import type { JsonObject } from '../../json.ts';
import { type Answer, BmcFault, type Dialogue, get, linksOf, objectOf, textOf } from './dialogue.ts';

/** The ComputerSystem that a node is. */
export interface System {
  path: string;
  body: JsonObject;
  etag: string | undefined;
}

const SYSTEMS = '/redfish/v1/Systems';

/** Reads it. Without a configured path the BMC must have exactly one. */
export function* readSystem(systemPath: string | null): Dialogue<System> {
  const path = systemPath ?? (yield* onlySystem());
  return systemFrom(path, yield* get(path));
}

function systemFrom(path: string, { body, etag }: Answer): System {
  // Something else may live at that address and answer JSON to everything.
  if (textOf(body['@odata.id']) === null && textOf(body['@odata.type']) === null && body.PowerState === undefined) {
    throw new BmcFault('refused', `${path} is no Redfish system; check redfish_address and redfish_system_id`);
  }
  return { path, body, etag: etag ?? textOf(body['@odata.etag']) ?? undefined };
}

function* onlySystem(): Dialogue<string> {
  const { body } = yield* get(SYSTEMS);
  const paths = linksOf(body.Members);
  const [path] = paths;
  if (path !== undefined && paths.length === 1) return path.replace(/\/$/, '');
  const found = paths.length === 0 ? 'it has none' : `it has ${paths.slice(0, 8).join(', ')}`;
  throw new BmcFault('refused', `name the system in driver_info/redfish_system_id: ${found}`);
}

/** On and off as they are now: what is on its way is not there yet. Null: the BMC does not say. */
export function powerOf({ body }: System): 'power on' | 'power off' | null {
  switch (body.PowerState) {
    case 'On':
    case 'PoweringOff':
      return 'power on';
    case 'Off':
    case 'PoweringOn':
      return 'power off';
    default:
      return null;
  }
}

/** Target of an action and the values that it allows for a parameter; undefined where they are not told. */
export function actionOf(
  resource: JsonObject,
  name: string,
  parameter: string,
): { target: string; allowed: string[] | undefined } | undefined {
  const action = objectOf(objectOf(resource.Actions)[name]);
  const target = textOf(action.target);
  if (target === null || !/^\/[^/\\]/.test(target)) return undefined;
  const allowed = action[`${parameter}@Redfish.AllowableValues`];
  return { target, allowed: Array.isArray(allowed) ? allowed.map(String) : undefined };
}
