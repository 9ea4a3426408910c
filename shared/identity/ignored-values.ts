import type { EvidenceKind } from './kinds.ts';

/** Values that say nothing, by kind or for any kind; `*` stands for any text. Lower-case, as values are compared. */
export type IgnoredValues = Partial<Record<EvidenceKind | 'any', readonly string[]>>;

/** What firmware shows when nobody filled it in, and hardware that is the same in every machine. */
export const IGNORED_VALUES: IgnoredValues = {
  any: [
    'na',
    'n/a',
    'none',
    'null',
    'nil',
    'unknown',
    'undefined',
    'default',
    'default string',
    'not *',
    'no asset *',
    'to be filled by o.e.m*',
    'to be filled by oem*',
    'o.e.m*',
    'oem*string',
    'oem',
    'system serial number',
    'chassis serial number',
    'base board serial number',
    'board serial number',
    'serial number',
    'system manufacturer',
    'asset-1234567890',
    'asset tag*',
    'sample',
    'empty',
    'invalid',
    'standard',
    'type2 - board serial number',
    '0123456789*',
    '123456789',
    '1234567890',
    '1234567',
    'x',
    'xx*xx',
    '.*....*',
    'fefefe*',
    'ffffffff*',
    'qm0000*',
  ],
  system_uuid: [
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    // AMI's, Intel's and ASRock's defaults, found on thousands of machines.
    '03000200-0400-0500-0006-000700080009',
    '00020003-0004-0005-0006-000700080009',
    '12345678-1234-5678-90ab-cddeefaabbcc',
    '12345678-1234-*',
    '11111111-1111-1111-1111-111111111111',
    '01010101-0101-0101-0101-010101010101',
    'feffffff-ffff-*',
  ],
  // Docker bridges, VRRP, the BMC's USB network card (one MAC for all of a vendor). Locally administered MACs are not
  // ignored in general: every virtual machine has one.
  mac: ['02:42:*', '00:00:5e:00:*', 'be:3a:f2:b6:05:9f', '00:11:22:33:44:55', '12:34:56:78:9a:bc'],
  bmc_address: ['0.0.0.0', '::', '::/0', '127.*', '169.254.*', 'fe80:*'],
};

/** Only zeros, dots, dashes, colons and spaces: nothing. */
const BLANK = /^[0\s.:_-]*$/;

/** Why a normalised value says nothing, or undefined when it may speak. */
export function ignoredBecause(kind: EvidenceKind, value: string, more: IgnoredValues = {}): string | undefined {
  if (BLANK.test(value)) return 'it is empty or all zeros';
  for (const [list, why] of [
    [IGNORED_VALUES, 'it is a placeholder that many machines show'],
    [more, 'matching.ignoredValues lists it'],
  ] as const) {
    if ([...(list[kind] ?? []), ...(list.any ?? [])].some((glob) => fits(glob.toLowerCase(), value))) return why;
  }
  return undefined;
}

/** Without regular expressions: a pattern of an operator must not cost more than its length times the value's. */
export function fits(glob: string, value: string): boolean {
  const [head = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === value;
  const tail = rest.pop() ?? '';
  if (!value.startsWith(head) || !value.endsWith(tail) || value.length < head.length + tail.length) return false;
  let from = head.length;
  const end = value.length - tail.length;
  for (const part of rest) {
    const at = value.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
