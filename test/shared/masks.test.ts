import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../shared/json.ts';
import { masked, unmasked } from '../../shared/resource/view.ts';

const KEYS = ['address', 'password', 'auth_token', 'passphrase', 'steps', 'args', 'configdrive'];
const { document } = fc.letrec<{ value: JsonValue; document: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 's3cret', 7, true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('document'),
  ),
  document: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { noNullPrototype: true, maxKeys: 4 }),
}));

describe('masks', () => {
  it('never show what stands under a name like a password, at any depth', () => {
    fc.assert(
      fc.property(
        document,
        fc.uuid(),
        fc.constantFrom('password', 'adminPass', 'secret', 'CHAPPASSWORD'),
        (one, word, key) => {
          const deep = { steps: [{ args: { ...one, [key]: word } }], [key]: { inner: word } };
          assert.ok(!JSON.stringify(masked(deep)).includes(word));
        },
      ),
    );
  });

  it('that come back change nothing', () => {
    fc.assert(fc.property(document, (one) => assert.deepEqual(unmasked(masked(one), one), one)));
  });

  it('that come back with a row taken out, moved or added leave the other rows theirs', () => {
    const rows = [
      { step: 'a', args: { password: 'A' } },
      { step: 'b', args: { password: 'B' } },
      { step: 'c', args: { password: 'C' } },
    ];
    const [a, b, c] = masked(rows) as JsonObject[];
    const passwords = (given: unknown[]) =>
      (unmasked(given as JsonValue, rows) as typeof rows).map(({ args }) => args.password).join('');
    assert.equal(passwords([c, a, b]), 'CAB');
    assert.equal(passwords([c]), 'C');
    assert.equal(passwords([a, { step: 'd', args: { password: 'D' } }, b, c]), 'ADBC');
    assert.equal(passwords([a, { ...b, priority: 1 }, c]), 'ABC');
  });

  it('for what was never there are taken as they are', () => {
    assert.deepEqual(unmasked({ password: '******' }, { other: 1 }), { password: '******' });
    assert.deepEqual(unmasked(['******'], ['s3cret']), ['******']);
    assert.deepEqual(unmasked({ toString: '******' }, {}), { toString: '******' });
  });
});
