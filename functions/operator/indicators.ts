import { InvalidInput } from '../../shared/errors.ts';
import type { JsonObject, Node } from '../../shared/node/node.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import { links } from '../../shared/resource/view.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 63;
const STATES = ['OFF', 'ON', 'BLINKING', 'UNKNOWN'];
/** Lamps that pretended management has. No BMC of ours is asked for any. */
const LAMPS = [
  { name: 'led-0@chassis', component: 'chassis', readonly: true, states: ['off', 'on'] },
  { name: 'led@system', component: 'system', readonly: false, states: ['blinking', 'off', 'on'] },
];

/** The lamps of a machine, as an Ironic shows them whose driver can list them and no more. */
export function indicatorHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const nodeOf = async (request: ApiRequest): Promise<Node> => {
    needs(request, SINCE, 404);
    return findNode(nodes, request.params.node ?? '', request.minor);
  };
  const unsupported = (node: Node, call: string): never => {
    throw new InvalidInput(`Driver ${node.driver} does not support ${call} (disabled or not implemented).`);
  };
  const named = ({ params }: ApiRequest): void => {
    const { indicator = '' } = params;
    if (!/^[^@]+@[^@]+$/.test(indicator)) throw new InvalidInput(`Malformed indicator name "${indicator}"`);
  };
  return {
    '#list': async (request) => {
      const node = await nodeOf(request);
      if (node.interfaces.management_interface !== 'fake') return unsupported(node, 'get_supported_indicators');
      const path = `nodes/${request.params.node}/management/indicators`;
      const shown = (lamp: JsonObject) => ({ ...lamp, links: links(request.publicUrl, `${path}/${lamp.name}`) });
      return { status: 200, body: { indicators: LAMPS.map(shown) } };
    },
    '#show': async (request) => {
      const node = await nodeOf(request);
      named(request);
      return unsupported(node, 'get_indicator_state');
    },
    '#set': async (request) => {
      const node = await nodeOf(request);
      named(request);
      const { state } = objectWith(request.body, ['state'], 'Indicator');
      if (typeof state !== 'string' || !STATES.includes(state.toUpperCase())) {
        throw new InvalidInput(`Indicator: the state is one of ${STATES.join(', ')}`);
      }
      return unsupported(node, 'set_indicator_state');
    },
  };
}
