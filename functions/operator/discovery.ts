import { InvalidInput } from '../../shared/errors.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { rootDocument, versionDocument } from '../version-document.ts';
import { needs } from './below.ts';

/** Link pairs of `GET /v1`, with the version that adds each. */
const RESOURCES: readonly [name: string, since: number][] = [
  ['chassis', 1],
  ['nodes', 1],
  ['ports', 1],
  ['drivers', 1],
  ['lookup', 22],
  ['heartbeat', 22],
  ['portgroups', 23],
  ['volume', 32],
  ['conductors', 49],
  ['allocations', 52],
  ['events', 54],
  ['deploy_templates', 55],
  ['shards', 82],
  ['continue_inspection', 84],
  ['runbooks', 92],
  ['inspection_rules', 96],
];

export function v1Document({ publicUrl, minor }: Pick<ApiRequest, 'publicUrl' | 'minor'>) {
  const shown = RESOURCES.filter(([, since]) => since <= minor);
  return {
    id: 'v1',
    links: [
      { href: `${publicUrl}/v1/`, rel: 'self' },
      { href: 'https://docs.openstack.org/api-ref/baremetal/', rel: 'describedby', type: 'text/html' },
    ],
    media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
    version: versionDocument(publicUrl),
    ...Object.fromEntries(
      shown.map(([name]) => [
        name,
        [
          { href: `${publicUrl}/v1/${name}/`, rel: 'self' },
          { href: `${publicUrl}/${name}/`, rel: 'bookmark' },
        ],
      ]),
    ),
  };
}

export function discoveryHandlers(): Record<string, Handler> {
  return {
    '#root': async (request) => ({ status: 200, body: rootDocument(request.publicUrl) }),
    '#v1': async (request) => ({ status: 200, body: v1Document(request) }),
    '#elsewhere': async (request) => {
      needs(request, 22, 404);
      throw new InvalidInput('Agents report to the agent API, which has an address of its own: correct ipa-api-url.');
    },
  };
}
