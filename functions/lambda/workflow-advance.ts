import middy from '@middy/core';
import { type AdvanceInput, advanceHandler } from '../workflow/advance.ts';
import { workflowServices } from './workflow-services.ts';

/** The Task state `Advance` of infra/workflows/run.asl.json. */
export const handler = middy<AdvanceInput, void>().handler((input) => advanceHandler(workflowServices())(input));
