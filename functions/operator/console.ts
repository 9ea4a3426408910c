import { InvalidInput } from '../../shared/errors.ts';
import { boolean, objectWith } from '../../shared/resource/checks.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

/** What no driver of ours can do is refused as Ironic refuses it for an unsupporting driver (operator-api.md §1.5). */
export function consoleHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const unsupported = async (request: ApiRequest, what: string): Promise<never> => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    throw new InvalidInput(`Driver ${node.driver} does not support ${what} (disabled or not implemented).`);
  };
  return {
    '#show': async (request) => {
      const { console_enabled } = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { console_enabled, console_info: null } };
    },
    '#set': async (request) => {
      boolean(objectWith(request.body, ['enabled'], 'Console').enabled, 'enabled');
      return unsupported(request, 'console');
    },
    '#inject-nmi': async (request) => {
      needs(request, 29, 404);
      return unsupported(request, 'inject_nmi');
    },
  };
}
