import { implementationOf } from '../../shared/drivers/implementation.ts';
import { lampState, listLamps, setLamp } from '../../shared/drivers/redfish/indicators.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import { links } from '../../shared/resource/view.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 63;
const STATES = ['OFF', 'ON', 'BLINKING', 'UNKNOWN'];
/** Lamps that pretended management has. */
const LAMPS = [
  { name: 'led-0@chassis', component: 'chassis', readonly: true, states: ['off', 'on'] },
  { name: 'led@system', component: 'system', readonly: false, states: ['blinking', 'off', 'on'] },
];

/** The lamps of a machine: a BMC's, or pretended ones, which an Ironic can list and no more. */
export function indicatorHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  const nodeOf = async (request: ApiRequest): Promise<Node> => {
    needs(request, SINCE, 404);
    return findNode(nodes, request.params.node ?? '', request.minor);
  };
  const unsupported = (node: Node, call: string): never => {
    throw new InvalidInput(`Driver ${node.driver} does not support ${call} (disabled or not implemented).`);
  };
  const byBmc = (node: Node): boolean => implementationOf(node, 'management') === 'redfish';
  const named = ({ params }: ApiRequest): string => {
    const { indicator = '' } = params;
    if (!/^[^@]+@[^@]+$/.test(indicator)) throw new InvalidInput(`Malformed indicator name "${indicator}"`);
    return indicator;
  };
  return {
    '#list': async (request) => {
      const node = await nodeOf(request);
      if (implementationOf(node, 'management') !== 'fake' && !byBmc(node))
        return unsupported(node, 'get_supported_indicators');
      const path = `nodes/${request.params.node}/management/indicators`;
      const lamps = byBmc(node) ? await bmcs.talk(node, ({ systemPath }) => listLamps(systemPath)) : LAMPS;
      const shown = (lamp: (typeof lamps)[number]) => ({
        ...lamp,
        links: links(request.publicUrl, `${path}/${lamp.name}`),
      });
      return { status: 200, body: { indicators: lamps.map(shown) } };
    },
    '#show': async (request) => {
      const node = await nodeOf(request);
      const name = named(request);
      if (!byBmc(node)) return unsupported(node, 'get_indicator_state');
      const state = await bmcs.talk(node, ({ systemPath }) => lampState(systemPath, name));
      return { status: 200, body: { state: state ?? 'unknown' } };
    },
    '#set': async (request) => {
      const node = await nodeOf(request);
      const name = named(request);
      const { state } = objectWith(request.body, ['state'], 'Indicator');
      if (typeof state !== 'string' || !STATES.includes(state.toUpperCase())) {
        throw new InvalidInput(`Indicator: the state is one of ${STATES.join(', ')}`);
      }
      if (!byBmc(node)) return unsupported(node, 'set_indicator_state');
      refuseLocked(node);
      await bmcs.talk(node, ({ systemPath }) => setLamp(systemPath, name, state.toLowerCase()));
      return { status: 204 };
    },
  };
}
