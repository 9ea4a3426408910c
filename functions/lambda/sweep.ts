import middy from '@middy/core';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import type { SweepResult } from '../../shared/run/sweep.ts';
import { readWorkflowEnvironment } from '../env.ts';
import { type SweepInput, sweepHandler } from '../schedule/sweep.ts';
import { emf } from './emf.ts';
import { once } from './once.ts';
import { tablesOf } from './tables-of.ts';
import { workflowServices } from './workflow-services.ts';

const sweep = once(() => {
  const counters = new DynamoCounters(makeClient(), tablesOf(readWorkflowEnvironment()));
  return sweepHandler({ ...workflowServices(), counters, metrics: emf });
});

/** Called by a rule. */
export const handler = middy<SweepInput, SweepResult>().handler((input) => sweep()(input));
