import { implementationOf } from '../../shared/drivers/implementation.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { boolean, objectWith } from '../../shared/resource/checks.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

/** A pretended console can be switched; what no driver of ours can do is refused as Ironic refuses it (operator-api.md §1.5). */
export function consoleHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const find = (request: ApiRequest) => findNode(nodes, request.params.node ?? '', request.minor);
  const unsupported = (driver: string, what: string): never => {
    throw new InvalidInput(`Driver ${driver} does not support ${what} (disabled or not implemented).`);
  };
  return {
    '#show': async (request) => {
      const { console_enabled } = await find(request);
      return { status: 200, body: { console_enabled, console_info: console_enabled ? {} : null } };
    },
    '#set': async (request) => {
      const enabled = boolean(objectWith(request.body, ['enabled'], 'Console').enabled, 'enabled') === true;
      const node = await find(request);
      if (implementationOf(node, 'console') !== 'fake') return unsupported(node.driver, 'console');
      refuseLocked(node);
      if (node.console_enabled !== enabled) await nodes.replace({ ...node, console_enabled: enabled });
      const ident = encodeURIComponent(request.params.node ?? '');
      return { status: 202, headers: { Location: `${request.publicUrl}/v1/nodes/${ident}/states/console` } };
    },
    '#inject-nmi': async (request) => {
      needs(request, 29, 404);
      return unsupported((await find(request)).driver, 'inject_nmi');
    },
  };
}
