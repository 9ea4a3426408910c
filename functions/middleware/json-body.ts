import { InvalidInput, PayloadTooLarge } from '../../shared/errors.ts';

export const DEFAULT_LIMIT_BYTES = 1024 * 1024;
const MAX_DEPTH = 25;
/** Keys that could reach an object's prototype wherever a body is merged or copied. */
const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const MAY_HOLD_REFUSED_KEY = /__proto__|constructor|prototype|\\u/;

/** The text of a body, within the limits that must be known before it is parsed. Undefined = no body. */
export function bodyText(body: string | Uint8Array | undefined, limitBytes = DEFAULT_LIMIT_BYTES): string | undefined {
  if (body === undefined || body.length === 0) return undefined;
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (bytes > limitBytes) throw new PayloadTooLarge(`The body exceeds the limit of ${limitBytes} bytes`);
  const text = typeof body === 'string' ? body : decode(body);
  if (deeperThan(text, MAX_DEPTH)) throw new InvalidInput(`The body is nested deeper than ${MAX_DEPTH} levels`);
  return text;
}

export function parseJson(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return MAY_HOLD_REFUSED_KEY.test(text) ? JSON.parse(text, refuse) : JSON.parse(text);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new InvalidInput('The body is not valid JSON', { cause: error });
  }
}

function refuse(key: string, value: unknown): unknown {
  if (REFUSED_KEYS.has(key)) throw new InvalidInput(`The key ${key} is not allowed`);
  if (!key.isWellFormed()) throw new InvalidInput('A key is not Unicode');
  // Half a surrogate pair, as Python writes bytes of firmware that are no text: no store takes it.
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InvalidInput('The body is not UTF-8', { cause: error });
  }
}

/** A scan instead of a recursive parse: what is nested a million levels deep must not cost a stack. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
