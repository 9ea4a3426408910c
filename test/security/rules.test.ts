import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { RULES } from './rules.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('each rule of security', () => {
  for (const { rule, shownBy } of RULES) {
    it(`is shown by tests that exist: ${rule}`, () => {
      assert.ok(shownBy.length > 0);
      for (const { file, title } of shownBy) {
        const path = resolve(ROOT, file);
        assert.ok(existsSync(path), file);
        const text = readFileSync(path, 'utf8');
        const there = ['it', 'test'].some((word) => text.includes(`${word}('${title}'`));
        assert.ok(there, `${file} has no test '${title}'`);
      }
    });
  }
});
