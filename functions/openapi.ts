import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Argument, Arguments } from '../shared/resource/query.ts';
import { AGENT_SHAPES } from './agent/shapes.ts';
import type { Route } from './http.ts';
import { MAXIMUM, MINIMUM } from './middleware/microversion.ts';
import { OPERATOR_PARTS, OPERATOR_SHAPES } from './operator/shapes.ts';
import { ROUTES } from './routes.ts';
import type { Shape } from './shape.ts';

interface Api {
  info: { title: string; description: string };
  servers: readonly object[];
  shapes: Readonly<Record<string, Shape>>;
  /** Shapes with a name of their own in the file. */
  parts: Readonly<Record<string, z.ZodType>>;
  security: readonly object[];
}

const JOIN = '/join/{token}';
const APIS: Readonly<Record<Route['api'], Api>> = {
  operator: {
    info: {
      title: 'Nodeless: the operator API',
      description:
        'Ironic’s v1 API, and below `/v1/nodeless` policies, join tokens, the inbox and why decisions were what they were.',
    },
    servers: [{ url: '/' }],
    shapes: OPERATOR_SHAPES,
    parts: OPERATOR_PARTS,
    security: [{ basic: [] }],
  },
  agent: {
    info: {
      title: 'Nodeless: the agent API',
      description:
        'What ironic-python-agent, iPXE and virtual media ask for. Agents prove themselves by tokens in their requests.',
    },
    servers: [
      { url: '/' },
      { url: JOIN, description: 'Below a join token', variables: { token: { default: 'token' } } },
    ],
    shapes: AGENT_SHAPES,
    parts: {},
    security: [],
  },
};

const TYPES: Readonly<Record<Argument, object>> = {
  string: { type: 'string' },
  boolean: { type: 'string', description: 'True or False, as Python and people write them' },
  uuid: { type: 'string', format: 'uuid' },
  mac: { type: 'string' },
  list: { type: 'string', description: 'Separated by commas' },
  integer: { type: 'integer' },
};
const VERSION_HEADER = 'X-OpenStack-Ironic-API-Version';
const version = (minor = 1) => (minor > 1 ? { 'x-nodeless-since': `1.${minor}` } : {});

/** Each schema once, by name; what is asked for may leave out what has a default. */
function schemasOf(named: Readonly<Record<string, z.ZodType | undefined>>, io: 'input' | 'output') {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) if (schema && !registry.has(schema)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io,
    unrepresentable: 'any',
  });
  const plain = Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]);
  const content = (schema: z.ZodType) => ({
    'application/json': { schema: { $ref: `#/components/schemas/${registry.get(schema)?.id ?? ''}` } },
  });
  return { schemas: Object.fromEntries(plain), content };
}

const nameOf = (handler: string): string => handler.replace(/^(operator|agent)\//, '').replace('#', '-');

/** Unique: of a handler with several routes each is told apart by its method, and by the end of its path. */
function operationIds(routes: readonly Route[]): Map<Route, string> {
  const ids = new Map<Route, string>();
  const taken = new Set<string>();
  for (const route of routes) {
    const name = nameOf(route.handler);
    const alone = routes.filter(({ handler }) => handler === route.handler).length === 1;
    const byMethod = `${name}-${route.method.toLowerCase()}`;
    const end = route.path
      .split('/')
      .filter((part) => part.startsWith('{'))
      .join('')
      .replaceAll(/[{}]+/g, '-')
      .replace(/-$/, '');
    const id = alone ? name : taken.has(byMethod) ? `${byMethod}${end}` : byMethod;
    taken.add(id);
    ids.set(route, id);
  }
  return ids;
}

const parametersOf = (path: string, query: Arguments = {}) => [
  { $ref: '#/components/parameters/version' },
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  })),
  ...Object.entries(query).map(([name, [type, since]]) => ({
    name,
    in: 'query',
    schema: TYPES[type],
    ...version(since),
  })),
];

/** An API as OpenAPI 3.1, out of its routes and their shapes. */
export function openApi(name: Route['api']): object {
  const { info, servers, shapes, parts, security } = APIS[name];
  const routes = ROUTES.filter(({ api, path }) => api === name && !path.startsWith(JOIN));
  const of = (which: 'request' | 'answer') =>
    Object.fromEntries(Object.entries(shapes).map(([handler, shape]) => [`${nameOf(handler)}-${which}`, shape[which]]));
  const requests = schemasOf(of('request'), 'input');
  const answers = schemasOf({ ...parts, ...of('answer') }, 'output');
  const ids = operationIds(routes);
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const { method, path, role, handler, summary } = route;
    const shape = shapes[handler];
    if (shape === undefined) throw new Error(`${handler} has no shape in functions/${name}/shapes.ts`);
    const { since, query, request, status, answer, media } = shape;
    const bodiless = method === 'GET' || request === undefined;
    const content = answer === undefined ? media && { [media]: {} } : answers.content(answer);
    const statuses = [status]
      .flat()
      .map((code) => [code, { description: 'Done', ...(content && code < 204 && { content }) }]);
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        operationId: ids.get(route),
        summary,
        'x-nodeless-role': role,
        ...version(since),
        ...(role === 'public' && { security: [] }),
        parameters: parametersOf(path, query),
        ...(!bodiless && { requestBody: { content: requests.content(request) } }),
        responses: { ...Object.fromEntries(statuses), default: { $ref: '#/components/responses/Refused' } },
      },
    };
  }
  const fault = { type: 'object', properties: { error_message: { type: 'string' } } };
  return {
    openapi: '3.1.0',
    info: { ...info, version: 'v1' },
    servers,
    paths,
    components: {
      schemas: { ...answers.schemas, ...requests.schemas },
      parameters: {
        version: {
          name: VERSION_HEADER,
          in: 'header',
          schema: { type: 'string' },
          description: `Microversion, 1.${MINIMUM} to 1.${MAXIMUM} or latest; without it 1.${MINIMUM}. x-nodeless-since is the first one that has a call, a query key or a field.`,
        },
      },
      ...(security.length > 0 && { securitySchemes: { basic: { type: 'http', scheme: 'basic' } } }),
      responses: {
        Refused: {
          description: 'Why not; `error_message` is a JSON document in a text, as Ironic has it',
          content: { 'application/json': { schema: fault } },
        },
      },
    },
    security,
  };
}

export const openApiFile = (name: Route['api']): string => `${JSON.stringify(openApi(name), null, 2)}\n`;

if (import.meta.main) {
  for (const name of ['operator', 'agent'] as const) {
    writeFileSync(new URL(`${name}/openapi.json`, import.meta.url), openApiFile(name));
  }
}
