import { type Evidence, macsOf, oneOf } from '../identity/evidence.ts';

const LONGEST = 200;

/** What may stand in braces. */
const FIELDS: Readonly<Record<string, (evidence: Evidence) => unknown>> = {
  vendor: ({ profile }) => profile['vendor'],
  model: ({ profile }) => profile['model'],
  serial: (evidence) => oneOf(evidence, 'system_serial'),
  mac: (evidence) => macsOf(evidence).toSorted()[0]?.replaceAll(':', ''),
  system_uuid: (evidence) => oneOf(evidence, 'system_uuid'),
  asset_tag: (evidence) => oneOf(evidence, 'asset_tag'),
  board_serial: (evidence) => oneOf(evidence, 'board_serial'),
};

/**
 * A node's name from what its machine shows. Whatever it says, only letters, digits, `.`, `_` and single dashes are left.
 * Null when the machine does not show a field: half a name helps nobody.
 */
export function nameFrom(template: string, evidence: Evidence): string | null {
  let complete = true;
  const filled = template.replaceAll(/\{([a-z_]+)\}/g, (_, field: string) => {
    const value = FIELDS[field]?.(evidence);
    const text = typeof value === 'string' || typeof value === 'number' ? sanitised(String(value)) : '';
    complete &&= text !== '';
    return text;
  });
  const name = sanitised(filled);
  return complete && name !== '' ? name : null;
}

const sanitised = (text: string): string =>
  text
    .slice(0, LONGEST)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/-{2,}/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, LONGEST);
