import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { shortStrings } from '../../shared/adapters/http/short-strings.ts';

const MOST = 64;

/** JSON as Python writes it. */
const ascii = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** As it would arrive: in pieces of any size. */
function shortened(text: string, pieceBytes: number): string {
  const through = shortStrings(MOST);
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(through(bytes.subarray(at, at + pieceBytes)));
  return Buffer.concat(pieces).toString('utf8');
}

/** The same value with its long strings, names too, cut where they may be. */
function agrees(whole: unknown, cut: unknown): boolean {
  if (typeof whole === 'string' && typeof cut === 'string')
    return whole === cut || (whole.startsWith(cut) && ascii(JSON.stringify(whole)).length > MOST && cut.length <= MOST);
  if (Array.isArray(whole) && Array.isArray(cut))
    return whole.length === cut.length && whole.every((one, at) => agrees(one, cut[at]));
  return JSON.stringify(whole) === JSON.stringify(cut);
}

describe('JSON that is shortened while it arrives', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc
      .array(fc.constantFrom('"', '\\', '\n', '\u0001', 'u', 'é', '😀', 'a'), { maxLength: 200 })
      .map((a) => a.join('')),
  );
  const value = fc.array(fc.oneof(text, fc.integer(), fc.array(text), fc.constantFrom(null, true, {})));

  it('stays JSON, with the beginning of each long string, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 50 }), fc.boolean(), (whole, piece, escaped) => {
        const json = JSON.stringify(whole);
        const sent = escaped ? ascii(json) : json;
        assert.ok(agrees(whole, JSON.parse(shortened(sent, piece))), sent);
      }),
    );
  });

  it('is not touched where no string is long', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.integer({ min: 1, max: 50 }), (json, piece) => {
        fc.pre(!/"[^"]{60,}"/.test(json));
        assert.equal(shortened(json, piece), json);
      }),
    );
  });
});
