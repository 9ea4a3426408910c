import { z } from 'zod';
import { lookup } from '../../shared/agent/lookup.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { callerOf } from './caller.ts';
import { evidenceFromBody, evidenceFromQuery, inventorySchema, lookupQuery, parse } from './evidence-from-request.ts';
import { configForLookup, nodeForLookup } from './lookup-answer.ts';

/** Lookup appeared in 1.22, the token in 1.62. */
const LOOKUP_SINCE = 22;
const TOKEN_SINCE = 62;

const postBody = z.looseObject({ inventory: inventorySchema, node_uuid: z.guid().nullish() });

export type LookupServices = Pick<
  Services,
  | 'nodes'
  | 'ports'
  | 'resources'
  | 'identity'
  | 'sessions'
  | 'counters'
  | 'documents'
  | 'workflow'
  | 'clock'
  | 'ids'
  | 'configuration'
  | 'tokenKey'
  | 'hooks'
>;

export function lookupHandler(services: LookupServices): Handler {
  return async (request) => {
    if (request.minor < LOOKUP_SINCE) throw new NotFound('The resource could not be found.');
    const asked = request.method === 'POST' ? fromBody(request) : fromQuery(request);
    const token = request.minor < TOKEN_SINCE ? 'unknown' : 'wanted';
    const answer = await lookup({ ...asked, token, caller: callerOf(request) }, services);
    return {
      status: 200,
      body: {
        node: nodeForLookup(answer.node, request.publicUrl),
        config: configForLookup(answer.token, answer.intervalSeconds, services.configuration),
      },
      journal: { node: answer.node.uuid, decision: answer.decision, reason: answer.reasons.join('; ') },
    };
  };
}

function fromQuery(request: ApiRequest) {
  const query = parse(lookupQuery, request.query);
  const evidence = evidenceFromQuery(query);
  return { evidence, ...(query.node_uuid === undefined ? {} : { nodeUuid: query.node_uuid.toLowerCase() }) };
}

function fromBody(request: ApiRequest) {
  if (Object.keys(request.query).length > 0) throw new InvalidInput('Unexpected arguments in the query');
  const body = parse(postBody, request.body);
  const nodeUuid = body.node_uuid?.toLowerCase();
  return { evidence: evidenceFromBody(body.inventory), ...(nodeUuid === undefined ? {} : { nodeUuid }) };
}
