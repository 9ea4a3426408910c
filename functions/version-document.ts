/** The one version of the API, as every client discovers it (operator-api.md §1.1). */
export function versionDocument(publicUrl: string) {
  return {
    id: 'v1',
    links: [{ href: `${publicUrl}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: '1.1',
    version: '1.115',
  };
}

export function rootDocument(publicUrl: string) {
  const version = versionDocument(publicUrl);
  return {
    name: 'Nodeless',
    description: 'Bare-metal provisioning without servers of its own; speaks the OpenStack Ironic API v1.',
    default_version: version,
    versions: [version],
  };
}
