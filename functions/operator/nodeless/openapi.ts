import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { ROUTES } from '../../routes.ts';
import { PARTS, SHAPES } from './shapes.ts';

const PREFIX = '/v1/nodeless/';
const named = (names: readonly (readonly [string, z.ZodType | undefined])[]) => {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of names) if (schema && !registry.has(schema)) registry.add(schema, { id });
  return registry;
};
const name = (handler: string): string => handler.replace(/^operator\//, '').replace('#', '-');
const reference = (id: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${id}` } } });

/** Each schema once, by name; what is asked for may leave out what has a default. */
function schemasOf(registry: ReturnType<typeof named>, io: 'input' | 'output'): Record<string, object> {
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { uri, io, unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

/** What is below `/v1/nodeless`, out of the routes and their shapes. */
export function nodelessApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  const shapes = Object.entries(SHAPES);
  const requests = named(shapes.map(([handler, { request }]) => [`${name(handler)}-request`, request]));
  const answers = named([
    ...Object.entries(PARTS),
    ...shapes.map(([handler, { answer }]) => [`${name(handler)}-answer`, answer] as const),
  ]);
  const idOf = (registry: typeof answers, schema: z.ZodType): string => registry.get(schema)?.id ?? '';
  for (const { api, method, path, role, handler, summary } of ROUTES) {
    if (api !== 'operator' || !path.startsWith(PREFIX)) continue;
    const shape = SHAPES[handler];
    if (shape === undefined) throw new Error(`${handler} has no shape in shapes.ts`);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => ({
      name: param,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }));
    const inQuery = (shape.query ?? []).map((key) => ({ name: key, in: 'query', schema: { type: 'string' } }));
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        operationId: name(handler),
        summary,
        description: `Needs the role ${role}.`,
        parameters: [...inPath, ...inQuery],
        ...(shape.request && { requestBody: { content: reference(idOf(requests, shape.request)) } }),
        responses: {
          [shape.status]: {
            description: 'Done',
            ...(shape.answer && { content: reference(idOf(answers, shape.answer)) }),
          },
          default: { $ref: '#/components/responses/Refused' },
        },
      },
    };
  }
  const fault = { type: 'object', properties: { error_message: { type: 'string' } } };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nodeless: who may become a node',
      version: '1',
      description: 'Policies, join tokens, the inbox, matching, and why a decision was what it was.',
    },
    paths,
    components: {
      schemas: { ...schemasOf(answers, 'output'), ...schemasOf(requests, 'input') },
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
      responses: {
        Refused: {
          description: 'Why not; `error_message` is a JSON document in a text, as Ironic has it',
          content: { 'application/json': { schema: fault } },
        },
      },
    },
    security: [{ basic: [] }],
  };
}

export const nodelessApiFile = (): string => `${JSON.stringify(nodelessApi(), null, 2)}\n`;

if (import.meta.main) writeFileSync(new URL('openapi.json', import.meta.url), nodelessApiFile());
