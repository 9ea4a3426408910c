import { type NodeShape, nodeShapeSchema } from '../../../shared/enrollment/policy.ts';
import { InvalidInput, NodelessError, NotFound } from '../../../shared/errors.ts';
import { FILTERS, type InboxFilter, matches } from '../../../shared/inbox/filter.ts';
import { type Act, approveAsNew, approveAsNode, reject } from '../../../shared/inbox/settle.ts';
import { stillAnswered } from '../../../shared/inbox/still-answered.ts';
import { documentOf, type Submission, uniqueOf } from '../../../shared/inbox/submission.ts';
import type { JsonObject } from '../../../shared/json.ts';
import { isUuid, objectWith, text } from '../../../shared/resource/checks.ts';
import { listPage, type Rows } from '../../../shared/resource/listing.ts';
import { type Arguments, PAGING, parseQuery } from '../../../shared/resource/query.ts';
import type { ApiRequest } from '../../http.ts';
import type { Handler, Services } from '../../services.ts';
import { ownerNode } from '../find-node.ts';
import { entry, entryInFull } from './show-submission.ts';

type Needs = Pick<Services, 'documents' | 'nodes' | 'ports' | 'resources' | 'clock' | 'ids' | 'configuration'>;

const QUERY: Arguments = { ...PAGING, ...Object.fromEntries(FILTERS.map((name) => [name, ['string', 1] as const])) };
const SORTABLE = ['uuid', 'state', 'reason', 'policy', 'first_seen_at', 'last_seen_at', 'count'];
const SHAPE = Object.keys(nodeShapeSchema.shape);
/** As many as fit in the time of one request; `more` says that there are others. */
const AT_ONCE = 100;

export function inboxHandlers(services: Needs): Record<string, Handler> {
  const { nodes, resources } = services;
  const rows: Rows<Submission> = {
    get: (uuid) => resources.get<Submission>('submission', uuid),
    many: (uuids) => resources.many<Submission>('submission', uuids),
    inOrder: (from) => resources.inOrder<Submission>('submission', from),
  };
  const find = async ({ params }: ApiRequest): Promise<Submission> => {
    const { submission: ident = '' } = params;
    const row = isUuid(ident) ? await rows.get(ident.toLowerCase()) : undefined;
    if (row === undefined) throw new NotFound(`Submission ${ident} could not be found.`);
    return row;
  };
  const full = async (row: Submission, { publicUrl }: ApiRequest) =>
    entryInFull(row, await nodes.events(row.uuid), publicUrl);

  const approve = async (row: Submission, body: Approval, by: string | null): Promise<Submission> => {
    const act = { by, ...(body.reason !== undefined && { reason: body.reason }) };
    if (body.node === undefined) return (await approveAsNew(row, body.shape, act, services)).submission;
    const node = await ownerNode(nodes, body.node);
    return (await approveAsNode(row, node, act, services)).submission;
  };

  /** With what the rejection does not change. */
  const rejected = async (row: Submission, act: Act, show: (row: Submission) => JsonObject | Promise<JsonObject>) => {
    const after = await reject(row, act, services);
    return { ...(await show(after)), still_answered: await stillAnswered(after, nodes) };
  };

  const bulk =
    (decide: (row: Submission, request: ApiRequest) => Promise<JsonObject>): Handler =>
    async (request) => {
      parseQuery(request.query, {}, request.minor);
      const wanted = matches(filterOf(request.body));
      const [done, failed]: [unknown[], unknown[]] = [[], []];
      let more = false;
      for await (const row of rows.inOrder({})) {
        if (!wanted(row)) continue;
        more = done.length + failed.length >= AT_ONCE;
        if (more) break;
        try {
          done.push(await decide(row, request));
        } catch (error) {
          if (!(error instanceof NodelessError)) throw error;
          failed.push({ uuid: row.uuid, status: error.status, message: error.message });
        }
      }
      return { status: 200, body: { done, failed, more } };
    };

  return {
    '#list': async (request) => {
      const values = parseQuery(request.query, QUERY, request.minor);
      const filter = Object.fromEntries(FILTERS.flatMap((name) => pair(name, values.string(name)))) as InboxFilter;
      const body = await listPage(rows, values, {
        name: 'inbox',
        url: `${request.publicUrl}/v1/nodeless/inbox`,
        query: request.query,
        sortable: (key) => SORTABLE.includes(key),
        wanted: matches(filter),
        selective: true,
        read: (row, key) => row[key as 'uuid'] ?? null,
        show: (row) => entry(row, request.publicUrl),
      });
      return { status: 200, body };
    },
    '#show': async (request) => {
      parseQuery(request.query, {}, request.minor);
      return { status: 200, body: await full(await find(request), request) };
    },
    '#remove': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const row = await find(request);
      await resources.remove('submission', row, row.keys.map(uniqueOf));
      await services.documents.remove?.(documentOf(row.uuid));
      return { status: 204 };
    },
    '#approve': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const body = approvalOf(request.body, ['node']);
      return { status: 200, body: await full(await approve(await find(request), body, request.user), request) };
    },
    '#reject': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const act = { by: request.user, ...reasonOf(objectWith(request.body ?? {}, ['reason'], 'reject')['reason']) };
      return { status: 200, body: await rejected(await find(request), act, (row) => full(row, request)) };
    },
    '#approve-all': bulk(async (row, { body, user, publicUrl }) =>
      entry(await approve(row, approvalOf(body, ['filter']), user), publicUrl),
    ),
    '#reject-all': bulk((row, { body, user, publicUrl }) => {
      const { reason } = objectWith(body, ['filter', 'reason'], 'reject');
      return rejected(row, { by: user, ...reasonOf(reason) }, (one) => entry(one, publicUrl));
    }),
  };
}

interface Approval {
  node: string | undefined;
  shape: NodeShape;
  reason: string | undefined;
}

function approvalOf(given: unknown, more: readonly string[]): Approval {
  const { node, filter: _filter, reason, ...rest } = objectWith(given ?? {}, [...SHAPE, ...more, 'reason'], 'approve');
  const shape = nodeShapeSchema.safeParse(rest);
  if (!shape.success) {
    const issue = shape.error.issues[0];
    throw new InvalidInput(`approve: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
  }
  if (node !== undefined && Object.keys(rest).length > 0) {
    throw new InvalidInput('approve: a node that is there keeps its own settings; give either node or these');
  }
  const ident = node === undefined ? undefined : String(text({ min: 1 })(node, 'node'));
  return { node: ident, shape: shape.data, reason: reasonOf(reason).reason };
}

/** A bulk act says what it means: an empty filter, all that wait, has to be written down. */
function filterOf(body: unknown): InboxFilter {
  const given = typeof body === 'object' && body !== null && 'filter' in body ? body.filter : undefined;
  const filter = objectWith(given, FILTERS, 'filter');
  return Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(text()(value, name))]));
}

const reasonOf = (reason: unknown): { reason?: string } =>
  reason === undefined || reason === null ? {} : { reason: String(text({ max: 1000 })(reason, 'reason')) };

const pair = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value] as const]);
