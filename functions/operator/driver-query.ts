import { InvalidInput, NotAcceptable } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { ApiRequest } from '../http.ts';

/** oslo's words for booleans. */
const TRUE = ['1', 't', 'true', 'y', 'yes', 'on'];
const FALSE = ['0', 'f', 'false', 'n', 'no', 'off'];
/** Query keys of drivers, with the microversion that brought them. */
const SINCE: Record<string, number> = { detail: 30, type: 30, fields: 77 };

export interface DriverQuery {
  detail: boolean;
  type: 'classic' | 'dynamic' | undefined;
  fields: string[] | undefined;
}

/** Refuses what the version in effect does not have (406) and what no version has (400). */
export function driverQuery(request: ApiRequest, allowed: readonly string[]): DriverQuery {
  const { query, minor } = request;
  for (const key of Object.keys(query)) {
    if (!allowed.includes(key)) throw new InvalidInput(`Unexpected query argument ${key}.`);
    const since = SINCE[key] ?? 1;
    if (minor < since) {
      throw new NotAcceptable(`Request not acceptable. The minimal required API version should be 1.${since}`);
    }
  }
  const fields = query.fields === undefined ? undefined : listOf(query.fields);
  const detail = query.detail === undefined ? false : booleanOf(query.detail);
  if (fields && detail) throw new InvalidInput('Can not specify ?detail=True and fields in the same request.');
  return { detail, type: typeOf(query.type), fields };
}

/** Only the fields asked for, and the links; a field that the document lacks is refused. */
export function selected(document: JsonObject, fields: readonly string[] | undefined): JsonObject {
  if (!fields) return document;
  const strangers = fields.filter((field) => !Object.hasOwn(document, field));
  if (strangers.length > 0) throw new InvalidInput(`Field(s) "${strangers.join(', ')}" are not valid`);
  return Object.fromEntries(Object.entries(document).filter(([key]) => key === 'links' || fields.includes(key)));
}

function typeOf(given: string | undefined): DriverQuery['type'] {
  if (given === undefined || given === 'classic' || given === 'dynamic') return given;
  throw new InvalidInput('"type" filter must be one of "classic" or "dynamic", if specified.');
}

function listOf(given: string): string[] {
  const items = given.split(',').map((item) => item.trim().toLowerCase());
  return [...new Set(items.filter((item) => item !== ''))];
}

function booleanOf(given: string): boolean {
  const word = given.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new InvalidInput(`Unrecognized value '${given}' for detail, it must be a boolean.`);
}
