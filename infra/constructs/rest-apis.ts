import {
  AccessLogFormat,
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  type IAccessLogDestination,
  type IResource,
  LambdaIntegration,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { AGENT_FUNCTIONS, type AgentFunction, routesOf } from '../../functions/lambda/agent-routes.ts';

export const STAGE = 'api';

export interface RestApiProps {
  tracing: boolean;
  log: IAccessLogDestination | undefined;
  rate: number;
  burst: number;
  sources: readonly string[] | undefined;
  /** The gateway lets in only what is signed by whom an IAM policy allows it. */
  signed?: boolean;
  /** Answers may be bytes. Whoever takes them says in no header that they are wanted, so this is for all types. */
  binary?: boolean;
  /** LocalStack takes the API's id from a tag; AWS ignores it. */
  fixedId?: string | undefined;
}

/** Explicit routes: what is not in functions/routes.ts does not even reach a function. */
export function agentApi(
  scope: Construct,
  functions: Record<AgentFunction, LambdaFunction>,
  props: RestApiProps,
): RestApi {
  // A gateway's trace has the URL, and in it the token of a join link: the functions are traced, this gateway never.
  const api = restApi(scope, 'AgentApi', { ...props, tracing: false, binary: true });
  for (const name of Object.keys(AGENT_FUNCTIONS) as AgentFunction[]) {
    const integration = integrationOf(functions[name]);
    const paths = new Set(routesOf(name).map(({ path }) => path));
    // ANY: the function answers a wrong method with 405, where a gateway would look for a greedy route or say 403.
    for (const path of paths) resourceAt(api.root, path).addMethod('ANY', integration);
  }
  return api;
}

/** One function that routes inside: Ironic's tree has more branches than an API may have resources. */
export function operatorApi(scope: Construct, served: LambdaFunction, props: RestApiProps): RestApi {
  const api = restApi(scope, 'OperatorApi', props);
  const integration = integrationOf(served);
  const options = props.signed ? { authorizationType: AuthorizationType.IAM } : {};
  api.root.addMethod('ANY', integration, options);
  api.root.addResource('{proxy+}').addMethod('ANY', integration, options);
  return api;
}

/** The route and not the path: a path may hold the token of a join link, and a query string whatever a caller put there. */
export const ACCESS_LOG_FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  route: '$context.resourcePath',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  integrationMilliseconds: '$context.integrationLatency',
} as const;

function restApi(scope: Construct, id: string, props: RestApiProps): RestApi {
  const api = new RestApi(scope, id, {
    restApiName: `${scope.node.id}-${id}`,
    endpointTypes: [EndpointType.REGIONAL],
    ...(props.binary && { binaryMediaTypes: ['*/*'] }),
    cloudWatchRole: false,
    deployOptions: {
      stageName: STAGE,
      throttlingRateLimit: props.rate,
      throttlingBurstLimit: props.burst,
      tracingEnabled: props.tracing,
      ...(props.log && {
        accessLogDestination: props.log,
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      }),
    },
    endpointExportName: `${scope.node.id}-${id}`,
    ...(props.sources && { policy: onlyFrom(props.sources, props.signed ?? false) }),
  });
  // API Gateway says 403 "Missing Authentication Token" to what is not signed, and to what has no route: with tokens
  // that has nothing to do.
  api.addGatewayResponse('NoRoute', {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    ...(props.signed ? { statusCode: '401', templates: UNSIGNED } : { statusCode: '404', templates: NOT_FOUND }),
  });
  if (props.fixedId) (api.node.defaultChild as CfnRestApi).tags.setTag('_custom_id_', props.fixedId);
  return api;
}

const NOT_FOUND = { 'application/json': '{"error_message": "{\\"faultstring\\": \\"Not found.\\"}"}' };
const UNSIGNED = { 'application/json': '{"error": {"message": "The request is not signed", "code": 401}}' };

const integrationOf = (called: LambdaFunction): LambdaIntegration =>
  new LambdaIntegration(called, { scopePermissionToMethod: false });

function resourceAt(root: IResource, path: string): IResource {
  return path
    .split('/')
    .filter((part) => part !== '')
    .reduce((at, part) => at.getResource(part) ?? at.addResource(part), root);
}

/** Where requests are signed, IAM allows: an allowance here would let in everybody of the account who can sign. */
function onlyFrom(sources: readonly string[], signed: boolean): PolicyDocument {
  const invoke = { principals: [new AnyPrincipal()], actions: ['execute-api:Invoke'], resources: ['execute-api:/*'] };
  return new PolicyDocument({
    statements: [
      ...(signed ? [] : [new PolicyStatement({ effect: Effect.ALLOW, ...invoke })]),
      new PolicyStatement({
        effect: Effect.DENY,
        ...invoke,
        conditions: { NotIpAddress: { 'aws:SourceIp': [...sources] } },
      }),
    ],
  });
}
