import { type DeployTemplate, instanceTraits, withTemplates } from '../../shared/deploy-template/deploy-template.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { isObject } from '../../shared/resource/checks.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { RUNBOOK, type Runbook, resolved } from '../../shared/runbook/runbook.ts';
import type { ApiRequest } from '../http.ts';
import type { Services } from '../services.ts';
import { findResource } from './resource-handlers.ts';

type Needs = Pick<Services, 'resources'>;

const RUNBOOKS_SINCE = 92;

/** The body, with steps where it named a runbook. A body that must not name one is refused by whoever reads it next. */
export async function withRunbook(services: Needs, node: Node, { body, minor }: ApiRequest): Promise<unknown> {
  if (!isObject(body) || body.runbook === undefined || minor < RUNBOOKS_SINCE) return body;
  if (body.target !== 'clean' && body.target !== 'service') return body;
  if (typeof body.runbook !== 'string') throw new InvalidInput('runbook must be a UUID or a name');
  const runbook = await findResource(services, RUNBOOK, body.runbook, minor);
  return resolved(body, runbook as unknown as Runbook, node);
}

/** What the templates of the instance's traits add to a deploy. */
export async function withTemplateSteps(
  { resources }: Needs,
  node: Node,
  flow: FlowName,
  args: RunArguments,
): Promise<RunArguments> {
  const deploys = flow === 'deploy' || flow === 'rebuild';
  if (!deploys || instanceTraits(node).length === 0) return args;
  const templates = await resources.list<DeployTemplate>('deploy_template');
  return { ...args, deploySteps: withTemplates(node, templates, args.deploySteps ?? []) };
}
