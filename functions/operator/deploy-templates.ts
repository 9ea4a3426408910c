import { DEPLOY_TEMPLATE } from '../../shared/deploy-template/deploy-template.ts';
import type { Handler } from '../services.ts';
import { type Needs, resourceHandlers } from './resource-handlers.ts';

export const deployTemplateHandlers = (services: Needs): Record<string, Handler> =>
  resourceHandlers(services, DEPLOY_TEMPLATE);
