import type { JsonValue } from '../json.ts';

/** Characters kept of what a ramdisk says: a row and an event must hold it. */
const LONGEST_TEXT = 1000;

/** What went wrong in the ramdisk, on one line. Undefined: nothing did, of which it says `error: null` (contract §8, 45). */
export function ramdiskError(error: JsonValue | undefined): string | undefined {
  if (!error) return undefined;
  const text = typeof error === 'string' ? error : JSON.stringify(error);
  const line = text
    .slice(0, LONGEST_TEXT)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  return line.replace(/\.+$/, '') || 'it does not say what';
}
