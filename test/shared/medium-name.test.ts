import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { deriveToken } from '../../shared/agent/agent-token.ts';
import { isLike, maskedMedium, mediumName, readMediumName } from '../../shared/boot/medium-name.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const generation = fc.integer({ min: 1, max: 2 ** 31 });
const NODE = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';
const TEMPLATE = 'https://agents.example.org/parameters/{medium}.iso';

describe('the name of a medium', () => {
  it('is read by who made it, and fits into a path as it is', () => {
    fc.assert(
      fc.property(key, fc.uuid(), generation, (k, node, g) => {
        const name = mediumName(k, node, g);
        assert.equal(encodeURIComponent(name), name);
        assert.deepEqual(readMediumName(k, name), { node, generation: g });
      }),
    );
  });

  it('is nothing to any other key, and nothing when one character is another one', () => {
    fc.assert(
      fc.property(key, key, generation, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (k, other, g, at, c) => {
        const name = mediumName(k, NODE, g);
        if (Buffer.compare(k, other) !== 0) assert.equal(readMediumName(other, name), undefined);
        const place = at % name.length;
        const changed = name.slice(0, place) + c + name.slice(place + 1);
        if (changed !== name) assert.equal(readMediumName(k, changed), undefined);
        assert.equal(readMediumName(k, name.slice(0, place)), undefined);
        assert.equal(readMediumName(k, `${name}${c}`), undefined);
      }),
    );
  });

  it('holds no token, and a token makes no name', () => {
    fc.assert(
      fc.property(key, generation, (k, g) => {
        const token = deriveToken(k, NODE, g);
        assert.equal(mediumName(k, NODE, g).includes(token), false);
        assert.equal(readMediumName(k, `${NODE}.${g}.${token}`), undefined);
      }),
    );
  });

  it('is not in a masked text, also where somebody has cut it off', () => {
    fc.assert(
      fc.property(key, generation, fc.integer({ min: 0, max: 43 }), (k, g, length) => {
        const name = mediumName(k, NODE, g);
        const cut = name.slice(0, name.length - 43 + length);
        const said = (medium: string) => `Image ${TEMPLATE.replace('{medium}', () => medium)} was not found`;
        // A person still reads whose it is.
        assert.equal(maskedMedium(said(cut)), said(length === 0 ? cut : `${NODE}.${g}.******`));
      }),
    );
  });

  it('is known at a BMC whatever boot it was for; what an operator put there is not ours', () => {
    const ours = TEMPLATE.replace('{medium}', mediumName(new Uint8Array(32), NODE, 7));
    for (const [address, template, expected] of [
      [ours, TEMPLATE, true],
      [TEMPLATE.replace('{medium}', 'address'), TEMPLATE, true],
      ['https://agents.example.org/other.iso', TEMPLATE, false],
      ['http://192.0.2.1/parameters.iso', 'http://192.0.2.1/parameters.iso', true],
      ['http://192.0.2.1/parameters.iso2', 'http://192.0.2.1/parameters.iso', false],
      [null, TEMPLATE, false],
      [undefined, 'http://192.0.2.1/parameters.iso', false],
    ] as const)
      assert.equal(isLike(address, template), expected, `${address}`);
  });
});
