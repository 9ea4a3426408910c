/** Microversions of Ironic (operator-api.md §1.3). The major version is always 1. */
export const MINIMUM = 1;
export const MAXIMUM = 115;

export type Negotiated =
  | { kind: 'agreed'; minor: number; versioned: boolean }
  /** `range`: it was a version, and the answer must tell the range so that the client can pick another (T24). */
  | { kind: 'refused'; range: boolean; message: string };

const OWN = 'x-openstack-ironic-api-version';
const GENERIC = 'openstack-api-version';

/** Header names are lower-case. No header means the minimum, not the latest (T5); the generic one wins (T27). */
export function negotiate(headers: Record<string, string>): Negotiated {
  const asked = baremetal(headers[GENERIC]) ?? headers[OWN]?.trim();
  if (asked === undefined || asked === '') return { kind: 'agreed', minor: MINIMUM, versioned: false };
  if (asked.toLowerCase() === 'latest') return { kind: 'agreed', minor: MAXIMUM, versioned: true };
  const [, major, minor] = /^(-?\d{1,6})\.(\d{1,6})$/.exec(asked) ?? [];
  if (major === undefined || minor === undefined) {
    return { kind: 'refused', range: false, message: `Invalid value for ${OWN} header` };
  }
  if (major !== '1' || Number(minor) < MINIMUM || Number(minor) > MAXIMUM) {
    const message = `Version ${asked} was requested but the minor version is not supported by this service. The supported version range is: [1.${MINIMUM}, 1.${MAXIMUM}].`;
    return { kind: 'refused', range: true, message };
  }
  return { kind: 'agreed', minor: Number(minor), versioned: true };
}

/** `OpenStack-API-Version` may name several services: `compute 2.1, baremetal 1.50`. */
function baremetal(header: string | undefined): string | undefined {
  return header
    ?.split(',')
    .map((part) => part.trim().split(/\s+/))
    .find(([service]) => service?.toLowerCase() === 'baremetal')?.[1];
}

export function versionHeaders(negotiated: Negotiated): Record<string, string> {
  if (negotiated.kind === 'refused' && !negotiated.range) return {};
  return {
    'X-OpenStack-Ironic-API-Minimum-Version': `1.${MINIMUM}`,
    'X-OpenStack-Ironic-API-Maximum-Version': `1.${MAXIMUM}`,
    ...(negotiated.kind === 'agreed' ? { 'X-OpenStack-Ironic-API-Version': `1.${negotiated.minor}` } : {}),
  };
}
