import { heartbeat } from '../../shared/agent/heartbeat.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { Handler, Services } from '../services.ts';

/** Body fields and the microversion that brought them (contract §2.6). No zod here: this bundle must stay small. */
export const HEARTBEAT_FIELDS: Readonly<Record<string, number>> = {
  callback_url: 22,
  agent_version: 36,
  agent_token: 22,
  agent_verify_ca: 68,
  agent_status: 72,
  agent_status_message: 72,
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_LENGTH = { callback_url: 255, agent_version: 255, agent_token: 255, agent_verify_ca: 8192 };

export type HeartbeatServices = Pick<Services, 'sessions' | 'workflow' | 'clock' | 'configuration'>;

/**
 * Ironic's order of checks (contract §2.6), but for two, since a beat is one write and no read: a name in the path is
 * refused as no UUID, and without a `callback_url` or a token nobody is asked whether there is such a node (400, not 404).
 */
export function heartbeatHandler(services: HeartbeatServices): Handler {
  return async (request) => {
    if (request.minor < 22) throw new NotFound('The resource could not be found.');
    const node = (request.params['node'] ?? '').toLowerCase();
    const body = fieldsOf(request.body, request.minor);
    if (!UUID.test(node)) throw new InvalidInput('Expected a UUID in the path.');
    if (body.callback_url === undefined) throw new InvalidInput('Missing mandatory parameter: callback_url');
    if (body.agent_token === undefined) throw new InvalidInput('Agent token is required for heartbeat processing.');
    // Whoever knows a token (1.62) knows this (1.36); `agent_status`, which would do as well, is refused above.
    if (body.agent_version === undefined) {
      throw new InvalidInput('Agent did not transmit a version, and a version is required.');
    }
    const decision = await heartbeat(
      {
        node,
        callbackUrl: body.callback_url,
        token: body.agent_token,
        ...(body.agent_verify_ca === undefined ? {} : { certificate: body.agent_verify_ca }),
        agentVersion: body.agent_version,
      },
      { ...services, agentNetworks: services.configuration.agentNetworks },
    );
    return { status: 202, journal: { node, decision } };
  };
}

type Fields = Partial<Record<keyof typeof MAX_LENGTH, string>>;

function fieldsOf(body: unknown, minor: number): Fields {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw new InvalidInput('The body must be a JSON object.');
  const fields: Fields = {};
  for (const [name, value] of Object.entries(body)) {
    const since = HEARTBEAT_FIELDS[name];
    if (since === undefined) throw new InvalidInput(`Unexpected arguments: ${name.slice(0, 64)}`);
    if (value === null) continue;
    if (minor < since) throw new InvalidInput(`${name} is not known before version 1.${since}.`);
    if (!(name in MAX_LENGTH)) throw new InvalidInput(`${name} is for deploys that this service does not do.`);
    const known = name as keyof typeof MAX_LENGTH;
    if (typeof value !== 'string' || value.length > MAX_LENGTH[known]) {
      throw new InvalidInput(`${name} must be a string of at most ${MAX_LENGTH[known]} characters.`);
    }
    fields[known] = value;
  }
  return fields;
}
