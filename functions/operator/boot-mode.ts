import { implementationOf } from '../../shared/drivers/implementation.ts';
import { bootMode, secureBoot, setBootMode, setSecureBoot } from '../../shared/drivers/redfish/boot.ts';
import { Conflict, InvalidInput } from '../../shared/errors.ts';
import { stateOf } from '../../shared/lifecycle/states.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { booleanOf, objectWith } from '../../shared/resource/checks.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 76;

/** `PUT …/states/boot_mode` and `…/states/secure_boot`: told to the BMC at once, in force from the next boot on. */
export function bootModeHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  const nodeFor = async (request: ApiRequest, what: string): Promise<Node> => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    refuseLocked(node);
    const kind = stateOf(node.provision_state).class;
    if (kind === 'busy' || kind === 'wait') {
      throw new Conflict(`The ${what} of node ${node.uuid} can not be changed while it is ${node.provision_state}.`);
    }
    if (implementationOf(node, 'management') === 'redfish') return node;
    throw new InvalidInput(`Driver ${node.driver} does not support ${what} (disabled or not implemented).`);
  };
  const targetOf = ({ body }: ApiRequest, what: string) => objectWith(body, ['target'], what).target;
  return {
    '#set-mode': async (request) => {
      needs(request, SINCE, 404);
      const target = targetOf(request, 'Boot mode');
      if (target !== 'uefi' && target !== 'bios') throw new InvalidInput('Boot mode: the target must be uefi or bios');
      const node = await nodeFor(request, 'boot mode');
      await bmcs.talk(node, ({ systemPath }) => setBootMode(systemPath, target));
      await nodes.replace({
        ...node,
        boot_mode: (await bmcs.talk(node, ({ systemPath }) => bootMode(systemPath))) ?? target,
      });
      return accepted(request);
    },
    '#set-secure': async (request) => {
      needs(request, SINCE, 404);
      const target = booleanOf(targetOf(request, 'Secure boot'));
      if (target === undefined) throw new InvalidInput('Secure boot: the target must be true or false');
      const node = await nodeFor(request, 'secure boot');
      await bmcs.talk(node, ({ systemPath }) => setSecureBoot(systemPath, target));
      await nodes.replace({
        ...node,
        secure_boot: (await bmcs.talk(node, ({ systemPath }) => secureBoot(systemPath))) ?? target,
      });
      return accepted(request);
    },
  };
}

function accepted({ publicUrl, params }: ApiRequest): ApiResponse {
  const ident = encodeURIComponent(params.node ?? '');
  return { status: 202, headers: { Location: `${publicUrl}/v1/nodes/${ident}/states` } };
}
