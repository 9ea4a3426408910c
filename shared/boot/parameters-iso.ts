import { iso9660 } from '../configdrive/iso9660.ts';

/** Label of the medium, and name of the file on it, that agents look for (contract §1.1). */
const LABEL = 'ir-vfd-dev';
const FILE = 'parameters.txt';
/** The same bytes for the same parameters, whoever asks: a BMC reads the image in pieces. */
const MADE_AT = new Date('2000-01-01T00:00:00Z');

/**
 * A second medium for agents that boot from an ISO whose kernel command line has `boot_method=vmedia`: it tells them where
 * to report, above what the ISO says. Nothing on it is a secret but a token, and `apiUrl` where that is a join link.
 */
export function parametersIso(apiUrl: string, token: string | null = null): Uint8Array {
  const lines = [
    `ipa-api-url=${apiUrl}`,
    `ipa-inspection-callback-url=${apiUrl}/v1/continue_inspection`,
    ...(token === null ? [] : [`ipa-agent-token=${token}`]),
    '',
  ];
  return iso9660(LABEL, { [FILE]: new TextEncoder().encode(lines.join('\n')) }, MADE_AT);
}
