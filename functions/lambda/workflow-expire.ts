import middy from '@middy/core';
import type { WakeUp } from '../../shared/run/workflow-port.ts';
import { type ExpireInput, expireHandler } from '../workflow/expire.ts';
import { workflowServices } from './workflow-services.ts';

/** The Task state `Expire` of infra/workflows/run.asl.json. */
export const handler = middy<ExpireInput, WakeUp>().handler((input) => expireHandler(workflowServices())(input));
