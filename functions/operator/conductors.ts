import { timestamp } from '../../shared/clock.ts';
import { hardwareTypes } from '../../shared/drivers/registry.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { HOLDER } from '../../shared/lifecycle/transition.ts';
import { type Arguments, limitOf, PAGING, parseQuery, sortOf } from '../../shared/resource/query.ts';
import { links } from '../../shared/resource/view.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';

const SINCE = 49;
const FIELDS = ['hostname', 'conductor_group', 'alive', 'drivers', 'created_at', 'updated_at', 'links'];
const SHORT = ['hostname', 'conductor_group', 'alive'];
const UNSORTABLE = ['alive', 'drivers', 'links'];
const ARGUMENTS: Arguments = { ...PAGING, fields: ['list', SINCE], detail: ['boolean', SINCE] };

/** There is no conductor: one constant, always alive host stands for all of Nodeless (T30). */
export function conductorHandlers({ clock }: Pick<Services, 'clock'>): Record<string, Handler> {
  const show = ({ publicUrl }: ApiRequest, only: readonly string[]): JsonObject => {
    const all: JsonObject = {
      hostname: HOLDER,
      conductor_group: '',
      alive: true,
      drivers: hardwareTypes().map(({ name }) => name),
      created_at: timestamp(0),
      updated_at: timestamp(clock.now()),
    };
    const shown = Object.entries(all).filter(([name]) => only.includes(name));
    return { ...Object.fromEntries(shown), links: links(publicUrl, `conductors/${HOLDER}`) };
  };
  const fieldsOf = (fields: string[] | undefined): string[] | undefined => {
    const unknown = fields?.find((name) => !FIELDS.includes(name));
    if (unknown !== undefined) throw new InvalidInput(`Field ${unknown} is unknown`);
    return fields;
  };
  return {
    '#list': async (request) => {
      needs(request, SINCE, 404);
      const values = parseQuery(request.query, ARGUMENTS, request.minor);
      limitOf(values);
      sortOf(values, { sortable: (key) => FIELDS.includes(key) && !UNSORTABLE.includes(key) });
      const [chosen, detail] = [fieldsOf(values.list('fields')), values.boolean('detail') === true];
      if (detail && chosen !== undefined) throw new InvalidInput('Either fields or detail, not both');
      const only = chosen ?? (detail ? FIELDS : SHORT);
      const marker = values.string('marker');
      if (marker !== undefined && marker !== HOLDER) throw new NotFound(`Conductor ${marker} could not be found.`);
      return { status: 200, body: { conductors: marker === undefined ? [show(request, only)] : [] } };
    },
    '#show': async (request) => {
      needs(request, SINCE, 404);
      const values = parseQuery(request.query, { fields: ['list', SINCE] }, request.minor);
      if (request.params.conductor !== HOLDER) {
        throw new NotFound(`Conductor ${request.params.conductor} could not be found.`);
      }
      return { status: 200, body: show(request, fieldsOf(values.list('fields')) ?? FIELDS) };
    },
  };
}
