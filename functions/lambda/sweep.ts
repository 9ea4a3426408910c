import middy from '@middy/core';
import type { SweepResult } from '../../shared/run/sweep.ts';
import { sweepHandler } from '../schedule/sweep.ts';
import { emf } from './emf.ts';
import { workflowServices } from './workflow-services.ts';

/** Called by a rule, with nothing to say. */
export const handler = middy<unknown, SweepResult>().handler(() =>
  sweepHandler({ ...workflowServices(), metrics: emf })(),
);
