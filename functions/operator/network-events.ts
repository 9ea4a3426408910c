import { InvalidInput } from '../../shared/errors.ts';
import { mac, objectWith, text, uuid } from '../../shared/resource/checks.ts';
import type { Handler } from '../services.ts';
import { needs } from './below.ts';

const SINCE = 54;
const NAMES = ['network.bind_port', 'network.unbind_port', 'network.delete_port'];
const MANDATORY = { port_id: uuid, mac_address: mac, status: text() };
const KEYS = ['event', ...Object.keys(MANDATORY), 'device_id', 'binding:host_id', 'binding:vnic_type'];

/** What Neutron tells a network interface that asked it for something. None here does, so what is right is taken note of by nobody. */
export function networkEventHandlers(): Record<string, Handler> {
  return {
    '#take': async (request) => {
      needs(request, SINCE, 404);
      const { events } = objectWith(request.body, ['events'], 'Events');
      if (!Array.isArray(events) || events.length === 0) throw new InvalidInput('events must be a list of events');
      for (const one of events) {
        const given = objectWith(one, KEYS, 'Event');
        if (!NAMES.some((name) => name === given.event)) throw new InvalidInput(`Event: one of ${NAMES.join(', ')}`);
        for (const [name, check] of Object.entries(MANDATORY)) check(given[name], name);
      }
      return { status: 204 };
    },
  };
}
