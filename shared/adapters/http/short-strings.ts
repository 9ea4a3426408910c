const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;

/**
 * Shortens JSON while it arrives: of a string that is longer than so many bytes the rest is left out. The text stays JSON,
 * cut between characters and never inside an escape, and nobody has to hold all of it.
 */
export function shortStrings(mostBytes: number): (chunk: Buffer) => Buffer {
  let inside = false;
  /** Bytes of this string so far, and whether those that come are left out. */
  let length = 0;
  let cutting = false;
  /** Bytes of an escape still to come; `kind` = the one that says how many. */
  let escaped: number | 'kind' = 0;

  /** Where to cut, at the earliest from here: where a character begins. */
  function cut(chunk: Buffer, from: number, to: number): number {
    let at = Math.min(to, from + Math.max(0, mostBytes - length));
    while (at < to && ((chunk[at] ?? 0) & 0xc0) === 0x80) at += 1;
    return at;
  }

  return (chunk) => {
    const kept: Buffer[] = [];
    /** What is kept in one piece, for as long as nothing in between is left out. */
    let piece = { from: 0, to: 0 };
    const keep = (from: number, to: number) => {
      if (from === piece.to) piece.to = to;
      else {
        kept.push(chunk.subarray(piece.from, piece.to));
        piece = { from, to };
      }
    };
    const find = (byte: number, from: number) => {
      const found = chunk.indexOf(byte, from);
      return found < 0 ? chunk.length : found;
    };
    let [quote, backslash] = [-1, -1];
    let at = 0;
    while (at < chunk.length) {
      const from = at;
      if (!inside) {
        at = Math.min(chunk.length, find(QUOTE, at) + 1);
        inside = chunk[at - 1] === QUOTE;
        [length, cutting] = [0, false];
        keep(from, at);
      } else if (escaped !== 0) {
        escaped = escaped === 'kind' ? (chunk[at] === LOWER_U ? 4 : 0) : escaped - 1;
        at += 1;
        if (!cutting) keep(from, at);
        length += 1;
      } else if (chunk[at] === QUOTE) {
        inside = false;
        at += 1;
        keep(from, at);
      } else if (chunk[at] === BACKSLASH) {
        cutting ||= length >= mostBytes;
        escaped = 'kind';
        at += 1;
        if (!cutting) keep(from, at);
        length += 1;
      } else {
        // Each is sought once for all that is before it.
        if (backslash < at) backslash = find(BACKSLASH, at);
        if (quote < at) quote = find(QUOTE, at);
        at = Math.min(quote, backslash);
        const end = cutting ? from : cut(chunk, from, at);
        cutting ||= end < at;
        keep(from, end);
        length += at - from;
      }
    }
    return Buffer.concat([...kept, chunk.subarray(piece.from, piece.to)]);
  };
}
