import { timestamp } from '../../shared/clock.ts';
import { NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { HOLDER } from '../../shared/lifecycle/transition.ts';
import type { NodeEvent } from '../../shared/node/node.ts';
import { type Arguments, PAGING, page, parseQuery } from '../../shared/resource/query.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 78;
const SHORT_LENGTH = 255;
const ARGUMENTS: Arguments = { ...PAGING, detail: ['boolean', SINCE] };
const SORTABLE = ['created_at', 'uuid', 'severity', 'event', 'event_type', 'user'];

export function historyHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#list': async (request) => {
      needs(request, SINCE, 404);
      const values = parseQuery(request.query, ARGUMENTS, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const url = `${request.publicUrl}/v1/nodes/${node.uuid}/history`;
      const listing = { name: 'history', url, query: request.query, sortable: (key: string) => SORTABLE.includes(key) };
      const events = await nodes.events(node.uuid);
      const { rows, links: more } = page(
        events,
        values,
        listing,
        (event, key) => ({ ...event })[key as 'uuid'] ?? null,
      );
      const show = values.boolean('detail') ? detailed : short;
      return { status: 200, body: { history: rows.map((event) => show(event, node.uuid, request)), ...more } };
    },
    '#show': async (request) => {
      needs(request, SINCE, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const event = (await nodes.events(node.uuid)).find(({ uuid }) => uuid === request.params.event);
      if (event === undefined) throw new NotFound(`Node history record ${request.params.event} could not be found.`);
      return { status: 200, body: detailed(event, node.uuid, request) };
    },
  };
}

function short(event: NodeEvent, node: string, { publicUrl }: ApiRequest): JsonObject {
  return {
    uuid: event.uuid,
    created_at: timestamp(Date.parse(event.created_at)),
    severity: event.severity,
    event: event.event.slice(0, SHORT_LENGTH),
    links: [{ href: `${publicUrl}/v1/nodes/${node}/history/${event.uuid}`, rel: 'self' }],
  };
}

function detailed(event: NodeEvent, node: string, request: ApiRequest): JsonObject {
  const { detail } = event;
  return {
    ...short(event, node, request),
    event: event.event,
    event_type: event.event_type,
    conductor: HOLDER,
    user: event.user,
    ...(request.minor >= 113 ? { project: null } : {}),
    ...(request.minor >= 115
      ? { state: detail.to ?? null, target_provision_state: detail.target ?? null, duration_seconds: null }
      : {}),
  };
}
