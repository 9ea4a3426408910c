import { z } from 'zod';
import type { Field } from '../shared/resource/field.ts';
import { type Arguments, PAGING } from '../shared/resource/query.ts';
import type { Resource } from '../shared/resource/resource.ts';

/** What a call takes and gives, by the handler of its route: the OpenAPI files are made of these. */
export interface Shape {
  /** First minor microversion that has the call. */
  since?: number;
  query?: Arguments;
  request?: z.ZodType;
  /** Of success. */
  status: number | readonly number[];
  answer?: z.ZodType;
  /** Content type of an answer that is not JSON. */
  media?: string;
}

export const link = z.object({ href: z.url(), rel: z.string() });
export const links = z.array(link);
export const FIELDS_ARGUMENT: Arguments = { fields: ['list', 8] };

export const listOf = (name: string, item: z.ZodType) =>
  z.object({ [name]: z.array(item), next: z.url().optional(), [`${name}_links`]: links.optional() });

/** A field as its table says it. The check validates, this only tells. */
const property = ({ check, since, create, patch }: Field, answered: boolean) =>
  z
    .unknown()
    .meta({
      ...check.schema,
      ...(since > 1 && { 'x-nodeless-since': `1.${since}` }),
      ...(answered && !create && !patch && { readOnly: true }),
    })
    .optional();

/** What is answered depends on the version and on `fields`: nothing is promised but the links. */
export const answerOf = (fields: readonly Field[]) =>
  z.looseObject({ ...Object.fromEntries(fields.map((field) => [field.name, property(field, true)])), links });

export function requestOf(fields: readonly Field[], mandatory: readonly string[]) {
  const taken = fields.filter(({ create }) => create).map((field) => [field.name, property(field, false)] as const);
  return z.strictObject(Object.fromEntries(taken)).required(Object.fromEntries(mandatory.map((name) => [name, true])));
}

/** JSON patch of what may be patched. */
export function patchOf(fields: readonly Field[]) {
  const names = fields.filter(({ patch }) => patch).map(({ name }) => name);
  const path = z.string().regex(new RegExp(`^/(${names.join('|')})(/|$)`));
  return z.array(z.strictObject({ op: z.enum(['add', 'replace', 'remove']), path, value: z.unknown().optional() }));
}

/** Another list of a resource: its handler, and since when, if not as long as the resource. */
type ListRow = readonly [handler: string, since?: number];

/** The calls that every resource has. */
export function resourceShapes(
  file: string,
  resource: Resource,
  {
    extra = [],
    lists = [],
    patchSince,
  }: { extra?: readonly Field[]; lists?: readonly ListRow[]; patchSince?: number } = {},
): Record<string, Shape> {
  const { fields, collection, mandatory, gates, filters, detailSince } = resource;
  const item = answerOf(fields);
  const paged = { ...PAGING, ...filters };
  const choice: Arguments = {
    ...FIELDS_ARGUMENT,
    ...(detailSince === undefined ? {} : { detail: ['boolean', detailSince] }),
  };
  const [read, write] = [{ since: gates.read[0] }, { since: gates.write[0] }];
  const list = ([name, since = read.since]: ListRow): [string, Shape] => [
    `operator/${file}#${name}`,
    {
      since,
      query: name.endsWith('detail') ? paged : { ...paged, ...choice },
      status: 200,
      answer: listOf(collection, item),
    },
  ];
  return {
    [`operator/${file}#create`]: {
      ...write,
      request: requestOf([...fields, ...extra], mandatory),
      status: 201,
      answer: item,
    },
    [`operator/${file}#show`]: { ...read, query: FIELDS_ARGUMENT, status: 200, answer: item },
    [`operator/${file}#patch`]: {
      since: patchSince ?? gates.write[0],
      request: patchOf(fields),
      status: 200,
      answer: item,
    },
    [`operator/${file}#remove`]: { ...write, status: 204 },
    ...Object.fromEntries(([['list'], ...lists] satisfies ListRow[]).map(list)),
  };
}
