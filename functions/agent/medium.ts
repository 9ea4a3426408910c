import { isPrintable } from '../../shared/boot/boot-script.ts';
import { parametersIso } from '../../shared/boot/parameters-iso.ts';
import { readMedium } from '../../shared/boot/read-medium.ts';
import { NotFound } from '../../shared/errors.ts';
import type { Handler, Services } from '../services.ts';
import { piece } from './parameters.ts';

/** The medium of one boot, with its agent's token. The path is the permission: it is in no log, as no path is. */
export function mediumHandler(services: Pick<Services, 'sessions' | 'tokenKey'>): Handler {
  return async ({ params, publicUrl, headers }) => {
    const [, name] = /^(.+)\.iso$/.exec(params['medium'] ?? '') ?? [];
    // A header may have said what our address is: white space in it would be another parameter.
    if (name === undefined || !isPrintable(publicUrl)) throw new NotFound('The resource could not be found.');
    const { node, token } = await readMedium(name, services);
    const decision = token === null ? 'address-only' : 'token-handed-over';
    return {
      ...piece(parametersIso(publicUrl, token), headers['range']),
      journal: { ...(node !== null && { node }), decision },
    };
  };
}
