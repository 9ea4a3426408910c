import { LOGICAL_DISK_PROPERTIES } from '../../shared/drivers/capabilities.ts';
import { hardwareType, hardwareTypes } from '../../shared/drivers/registry.ts';
import { NotAcceptable, NotFound } from '../../shared/errors.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { driverDocument } from './driver-document.ts';
import { driverQuery, selected } from './driver-query.ts';

/** `/v1/drivers`: the table of hardware types, read only. Needs no service. */
export function drivers(): Record<string, Handler> {
  return {
    'operator/drivers#list': async (request) => {
      const { detail, type, fields } = driverQuery(request, ['detail', 'type', 'fields']);
      // Classic drivers are gone since Rocky: asking for them is fine and finds none.
      const rows = type === 'classic' ? [] : hardwareTypes();
      const documents = rows.map((row) => selected(driverDocument(row, request, detail || Boolean(fields)), fields));
      return { status: 200, body: { drivers: documents } };
    },
    'operator/drivers#show': async (request) => {
      const { fields } = driverQuery(request, ['fields']);
      return { status: 200, body: selected(driverDocument(named(request), request, true), fields) };
    },
    'operator/drivers#properties': async (request) => ({ status: 200, body: named(request).properties }),
    'operator/drivers#raid': async (request) => {
      if (request.minor < 12) throw new NotAcceptable('Request not acceptable.');
      const type = named(request);
      if (type.interfaces.raid.default === 'no-raid') {
        throw new NotFound(`Driver ${type.name} does not support raid (disabled or not implemented).`);
      }
      return { status: 200, body: LOGICAL_DISK_PROPERTIES };
    },
  };
}

function named(request: ApiRequest) {
  return hardwareType(request.params.driver ?? '');
}
