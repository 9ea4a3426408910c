import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { hookSchemas } from '../../infra/local/hook-schemas.ts';

const FOLDER = new URL('../../shared/hook/schemas/', import.meta.url);

describe('the JSON Schemas of hooks', () => {
  it('are current, and no others lie there (write them with: npm run schema)', () => {
    const schemas = hookSchemas();
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(schemas).sort());
    for (const [name, text] of Object.entries(schemas)) {
      assert.equal(readFileSync(new URL(name, FOLDER), 'utf8'), text, name);
    }
  });
});
