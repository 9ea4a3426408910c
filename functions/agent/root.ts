import type { Handler } from '../services.ts';
import { rootDocument, versionDocument } from '../version-document.ts';

/**
 * `GET /` decides everything an agent does afterwards; one failure strands it without a token (contract §0). So these
 * two look at nothing but the request.
 */
export const rootHandler: Handler = async (request) => ({ status: 200, body: rootDocument(request.publicUrl) });

export const v1Handler: Handler = async ({ publicUrl }) => {
  const link = (name: string) => [
    { href: `${publicUrl}/v1/${name}/`, rel: 'self' },
    { href: `${publicUrl}/${name}/`, rel: 'bookmark' },
  ];
  return {
    status: 200,
    body: {
      id: 'v1',
      links: [{ href: `${publicUrl}/v1/`, rel: 'self' }],
      media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
      version: versionDocument(publicUrl),
      lookup: link('lookup'),
      heartbeat: link('heartbeat'),
      continue_inspection: link('continue_inspection'),
    },
  };
};
