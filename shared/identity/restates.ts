/** So many characters of a serial number in a UUID are no chance. */
const FEWEST = 5;
/** Dell's begin with `DELL` in ASCII and continue with the service tag. */
const DERIVED = ['4c4c4544-'];

/**
 * Does a system UUID only repeat the serial number? Dell, HPE and others build it from it, so whoever has read the one
 * on a sticker can say both. True when the serial's characters stand in the UUID's bytes in order.
 */
export function restates(uuid: string, serial: string): boolean {
  if (DERIVED.some((prefix) => uuid.startsWith(prefix))) return true;
  if (serial.length < FEWEST) return false;
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  const text = [...bytes].map((byte) => String.fromCharCode(byte & 0x7f).toLowerCase());
  let from = 0;
  for (const character of serial) {
    const at = text.indexOf(character, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
