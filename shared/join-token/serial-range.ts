/** `SN0100..SN0199`: one beginning, and numbers at the end. */
export interface SerialRange {
  prefix: string;
  from: string;
  to: string;
}

const ENDS = '..';
const NUMBERED = /^(.*?)(\d+)$/s;

/** Is it meant as one? Otherwise it is a text with stars. */
export const isRange = (text: string): boolean => text.includes(ENDS);

/** Both ends, or why it is no range. Case does not matter. */
export function rangeOf(text: string): SerialRange | string {
  const ends = text.toLowerCase().split(ENDS);
  const [first, last] = ends.map((end) => NUMBERED.exec(end.trim()));
  if (ends.length !== 2 || !first || !last) return 'a range is written from..to, and both ends in digits';
  const [[, prefix = '', from = ''], [, other = '', to = '']] = [first, last];
  if (prefix.includes('*')) return 'a range has no *';
  if (prefix !== other) return 'both ends of a range begin alike, up to the digits at the end';
  if (from.length !== to.length && (isPadded(from) || isPadded(to))) {
    return 'both ends of a range with leading zeros have as many digits';
  }
  return isAbove(from, to) ? 'a range goes from the lower number to the higher one' : { prefix, from, to };
}

/** Ends of one width hold numbers of that width only; else numbers have no leading zeros. */
export function isWithin({ prefix, from, to }: SerialRange, text: string): boolean {
  const [, start, number = ''] = NUMBERED.exec(text.toLowerCase()) ?? [];
  if (start !== prefix || (from.length !== to.length && isPadded(number))) return false;
  return !isAbove(from, number) && !isAbove(number, to);
}

const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0');
/** As numbers, of any length: the longer one is higher. */
const isAbove = (a: string, b: string): boolean => (a.length === b.length ? a > b : a.length > b.length);
