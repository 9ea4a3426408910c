/** The architecture as data. An exception names the file and says why; one that is not needed any more fails the test. */

export interface ImportRule {
  why: string;
  from: readonly string[];
  except?: readonly string[];
  mayNot: readonly string[];
  /** Types cost nothing at run time; where that is enough, only values are refused. */
  typesAllowed?: boolean;
}

const NOUNS_EXCEPT = ['shared/adapters/**'];
const CLOUD = ['@aws-sdk/**', '@smithy/**'];
const LAMBDA = ['@middy/**', 'aws-lambda', '@aws-lambda-powertools/**'];
const NETWORK = ['node:http', 'node:https', 'node:http2', 'node:tls', 'node:dgram'];
const HANDLERS = ['functions/{agent,operator,workflow,reach,schedule}/**', 'functions/middleware/**'];

export const IMPORT_RULES: readonly ImportRule[] = [
  {
    why: 'the product knows no Lambda, no cloud and no adapter',
    from: ['shared/**'],
    except: NOUNS_EXCEPT,
    mayNot: ['shared/adapters/**', 'functions/**', 'infra/**', 'test/**', ...CLOUD, ...LAMBDA, ...NETWORK],
  },
  {
    why: 'an adapter implements a port of a noun and knows nobody above it',
    from: ['shared/adapters/**'],
    mayNot: ['functions/**', 'infra/**', 'test/**', ...LAMBDA],
  },
  {
    why: 'handlers get services; which adapters these are is decided where they are joined',
    from: HANDLERS,
    mayNot: ['shared/adapters/**', 'infra/**', 'test/**', ...CLOUD, ...NETWORK],
  },
  {
    why: 'the Lambda face knows neither how it is deployed nor how it is tested',
    from: ['functions/**'],
    mayNot: ['infra/**', 'test/**'],
  },
  {
    why: 'the table of routes is read by CDK, router, local server and documents: it must be cheap',
    from: ['functions/routes.ts', 'functions/routes/**'],
    mayNot: ['shared/**', ...CLOUD, ...LAMBDA, 'functions/{agent,operator,workflow,reach,schedule}/**'],
    typesAllowed: true,
  },
  {
    why: 'what is deployed does not contain tests',
    from: ['infra/**'],
    // The demo plays with the rack's virtual machines.
    except: ['infra/local/demo*.ts', 'infra/local/demo/**'],
    mayNot: ['test/**'],
  },
  {
    why: 'a stack builds from data, not from handlers and services',
    from: ['infra/stacks/**', 'infra/constructs/**', 'infra/app.ts'],
    mayNot: ['functions/{agent,operator,workflow,reach,schedule}/**', 'functions/middleware/**', ...CLOUD],
    typesAllowed: true,
  },
];

/** Adapters of one kind do not lean on those of another; any may speak HTTP. */
export const ADAPTER_KINDS = 'shared/adapters/';
export const ADAPTER_GROUND = 'shared/adapters/http/';

/** file → why this import, against the rules, is right. */
export const IMPORT_EXCEPTIONS: Readonly<Record<string, { target: string; reason: string }>> = {
  'functions/middleware/errors-to-http.ts': {
    target: 'node:http',
    reason: 'STATUS_CODES only: the names of the statuses, no connection',
  },
};

export const ENVIRONMENT_READERS: Readonly<Record<string, string>> = {
  'functions/env.ts': 'the one reader on AWS',
  'infra/local/main.ts': 'hands the environment to infra/local/environment.ts, which checks it',
  'infra/cli/main.ts': 'hands the environment to infra/cli/connection.ts',
  'infra/cli/nodeless.mjs': 'tells the command in which folder the person was',
  'infra/local/dynamodb-engine.ts': 'PATH, to find an engine that a person installed',
  'infra/localstack/settings.ts': 'where LocalStack is: a command for developers, never deployed',
  'infra/local/ensure-installed.mjs': 'PATH, for npm and for Node 24; whether npm runs it',
};

/** Where the name of a node's interface is read as its client wrote it; who decides by it asks `implementationOf`. */
export const INTERFACE_NAME_READERS: Readonly<Record<string, string>> = {
  'shared/drivers/redfish/request-dialogue.ts': 'says to a person which of the names it is',
};

/** Where a `provision_state` is put into an object, and why there. */
export const PROVISION_STATE_WRITERS: Readonly<Record<string, string>> = {
  'shared/lifecycle/transition.ts': 'the one function that moves a node',
  'shared/node/new-node.ts': 'the state that a row is born with',
  'shared/node/node-change.ts': 'the state that a row made by an operator is born with, by microversion',
  'shared/enrollment/new-machine.ts': 'the state that a row made by a policy or out of the inbox is born with',
};
/** The same two words where no row is written. */
export const PROVISION_STATE_MENTIONS: Readonly<Record<string, string>> = {
  'shared/node/node.ts': 'the type',
  'shared/node/node-list.ts': 'the filters of a list',
  'shared/vendor/agent-rows.ts': 'an answer to an agent',
  'shared/hook/hook-node.ts': 'what a hook is told of a node',
};

export const BANNED_NAMES = /(^|[-/.])(utils?|helpers?|common|manager|base|misc)(?=[-.]|$)/;

export const SIZE = { medianLines: 70, mostLines: 300 };
