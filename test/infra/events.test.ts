import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { pages } from '../../infra/docs.ts';
import { EVENTS_FILTER } from '../../shared/adapters/dynamodb/event-stream.ts';
import { ofType, synth } from './template.ts';

describe('pages made from data', () => {
  for (const [path, text] of Object.entries(pages())) {
    it(`${path} is as the code says`, () => {
      const committed = readFileSync(resolve(import.meta.dirname, '../..', path), 'utf8');
      assert.equal(committed, text, 'run `npm run docs` and commit what it changes');
    });
  }
});

describe('the stream of events', () => {
  const { controlPlane } = synth();
  const [mapping, ...others] = ofType(controlPlane, 'AWS::Lambda::EventSourceMapping').map(([, one]) => one.Properties);

  it('starts the publisher for event items only', () => {
    assert.equal(others.length, 0);
    assert.deepEqual(mapping?.['FilterCriteria'], { Filters: [{ Pattern: JSON.stringify(EVENTS_FILTER) }] });
  });

  it('keeps the order of a node, tries again what failed, and keeps what cannot be delivered', () => {
    assert.equal(mapping?.['ParallelizationFactor'], 1);
    assert.equal(mapping?.['BisectBatchOnFunctionError'], true);
    assert.deepEqual(mapping?.['FunctionResponseTypes'], ['ReportBatchItemFailures']);
    assert.ok(JSON.stringify(mapping?.['DestinationConfig']).includes('UndeliveredEvents'));
    const [queue] = ofType(controlPlane, 'AWS::SQS::Queue').map(([, one]) => one.Properties);
    assert.equal(queue?.['SqsManagedSseEnabled'], true);
  });
});
