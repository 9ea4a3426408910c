import middy from '@middy/core';
import type { SweepResult } from '../../shared/run/sweep.ts';
import { type SweepInput, sweepHandler } from '../schedule/sweep.ts';
import { closed } from './closing-line.ts';
import { emf } from './emf.ts';
import { once } from './once.ts';
import { workflowServices } from './workflow-services.ts';

const sweep = once(() => closed('sweep', sweepHandler({ ...workflowServices(), metrics: emf })));

/** Called by a rule. */
export const handler = middy<SweepInput, SweepResult>().handler((input) => sweep()(input));
