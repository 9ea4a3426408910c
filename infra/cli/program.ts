import { Command, InvalidArgumentError, Option } from 'commander';
import { Api, type Row } from './api.ts';
import { connectionOf } from './connection.ts';
import { EXIT, Refusal } from './refusal.ts';
import type { Context } from './verb.ts';
import { explain } from './verbs/explain.ts';
import { decide, decideAll, filterOf, listInbox, showSubmission } from './verbs/inbox.ts';
import { createJoinToken, listJoinTokens, revokeJoinToken } from './verbs/join-tokens.ts';
import { listNodes, showNode } from './verbs/nodes.ts';
import { createPolicy, deletePolicy, listPolicies } from './verbs/policies.ts';
import { timeline } from './verbs/timeline.ts';

/** What a command line sees of the world. */
export interface Around {
  env: NodeJS.ProcessEnv;
  out(text: string): void;
  note(text: string): void;
}

const ENDING = `
Without --url: NODELESS_URL, then OS_ENDPOINT, then http://127.0.0.1:6385.
Without --user: NODELESS_USER, then OS_USERNAME; with NODELESS_SIGN=iam as with --sign. The password: NODELESS_PASSWORD, OS_PASSWORD, or asked for.
Exit status: 0 done, 1 refused or partly failed, 2 bad command line, 3 nobody answers, 4 not allowed.`;

/** The command line as data for commander; each verb is a function over the API. */
export function program(around: Around): Command {
  const root = new Command('nodeless')
    .description('Who is this machine, who may become a node, and what happened to it')
    .option('--url <url>', 'the operator API')
    .option('--user <name>', 'as whom')
    .addOption(new Option('--sign', 'by AWS credentials instead, where operators are known by IAM').conflicts('user'))
    .option('--json', 'documents for programs instead of tables for people')
    .addHelpText('after', ENDING)
    .showHelpAfterError('Add --help for what there is.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => around.out(text.trimEnd()),
      writeErr: (text) => around.note(text.trimEnd()),
    });

  const context = async (command: Command): Promise<Context> => {
    const { json, ...as } = command.optsWithGlobals<{ url?: string; user?: string; sign?: boolean; json?: boolean }>();
    const api = new Api(await connectionOf(as, around.env, around.note));
    return { api, json: json === true, out: around.out, note: around.note };
  };
  const folder = around.env['NODELESS_WORKING_FOLDER'] ?? process.cwd();

  root
    .command('explain <node-or-submission>')
    .description('why it is what it is: which evidence spoke, what moved, which policy decided')
    .option('--replay', 'also what it would come to today')
    .action(async (subject: string, { replay = false }, command) =>
      explain(await context(command), subject, { replay }),
    );

  root
    .command('timeline <node>')
    .description('everything that happened to a node, in order, with who and why')
    .action(async (node: string, _options, command) => timeline(await context(command), node));

  const inbox = root.command('inbox').description('machines that wait for a person');
  inbox
    .command('list [filter...]', { isDefault: true })
    .description('those of a filter, for example: vendor=Dell state=conflict')
    .action(async (words: string[], _options, command) => listInbox(await context(command), filterOf(words)));
  inbox
    .command('show <id>')
    .description('one of them with its evidence and explanation')
    .action(async (id: string, _options, command) => showSubmission(await context(command), id));

  deciding(root.command('approve [id...]').description('let machines in, as new nodes or as one that is there'))
    .option('--as-node <node>', 'it is this node, with other hardware')
    .option('--driver <name>')
    .option('--name <name>')
    .option('--resource-class <class>')
    .option('--owner <owner>')
    .option('--trait <trait...>')
    .option('--property <key=value...>')
    .addOption(new Option('--state <state>', 'how far it is taken').choices(['enroll', 'manageable', 'available']))
    .option('--provide-when-present', 'it becomes available whenever it registers while it is manageable')
    .action(async (ids: string[], options, command) => settle(await context(command), 'approve', ids, options));

  deciding(root.command('reject [id...]').description('turn machines away')).action(
    async (ids: string[], options, command) => settle(await context(command), 'reject', ids, options),
  );

  const tokens = root.command('join-token').description('secrets that let machines in without a person');
  tokens
    .command('create [name]')
    .option('--uses <count>', 'machines that may join with it', whole)
    .option('--expires <duration>', 'for example 90m, 12h, 7d', duration)
    .option('--policy <policy>', 'the policy that decides on them')
    .option('--serial <serial...>', 'only these machines: a text with *, or a range as SN0100..SN0199')
    .option('--model <model...>', 'only machines of these models, as *R640')
    .option('--description <text>')
    .action(async (name: string | undefined, options, command) =>
      createJoinToken(
        await context(command),
        given({
          name,
          uses: options.uses,
          expires_in_seconds: options.expires,
          policy: options.policy,
          serials: options.serial,
          models: options.model,
          description: options.description,
        }),
      ),
    );
  tokens.command('list').action(async (_options, command) => listJoinTokens(await context(command)));
  tokens
    .command('revoke <name-or-id>')
    .action(async (ident: string, _options, command) => revokeJoinToken(await context(command), ident));

  const policies = root.command('policies').description('what becomes of machines that nobody knows');
  policies
    .command('list', { isDefault: true })
    .option('--stored', 'only those that were stored, without those of the configuration')
    .action(async ({ stored = false }, command) => listPolicies(await context(command), { stored }));
  policies
    .command('create <file>')
    .description('of a JSON or YAML file; - is standard input')
    .action(async (file: string, _options, command) => createPolicy(await context(command), file, folder));
  policies
    .command('delete <name-or-id>')
    .action(async (ident: string, _options, command) => deletePolicy(await context(command), ident));

  root
    .command('nodes [filter...]')
    .description('all nodes, or those of a filter, for example: provision_state=active')
    .action(async (words: string[], _options, command) => listNodes(await context(command), filterOf(words)));
  root
    .command('node <name-or-id>')
    .description('one node')
    .action(async (ident: string, _options, command) => showNode(await context(command), ident));
  return root;
}

interface Decision {
  allMatching?: string[];
  yes?: boolean;
  reason?: string;
  asNode?: string;
  driver?: string;
  name?: string;
  resourceClass?: string;
  owner?: string;
  trait?: string[];
  property?: string[];
  state?: string;
  provideWhenPresent?: boolean;
}

function deciding(command: Command): Command {
  return command
    .option('--all-matching <filter...>', 'instead of ids: all that match, for example vendor=Dell state=held')
    .option('--yes', 'with --all-matching: do it; without it only lists them')
    .option('--reason <text>', 'why, for the history');
}

function settle(context: Context, act: string, ids: readonly string[], options: Decision): Promise<void> {
  const body = given({
    reason: options.reason,
    node: options.asNode,
    driver: options.driver,
    name: options.name,
    resource_class: options.resourceClass,
    owner: options.owner,
    traits: options.trait,
    properties: options.property && filterOf(options.property),
    state: options.state,
    provide_when_present: options.provideWhenPresent,
  });
  const all = options.allMatching;
  if (ids.length > 0 === (all !== undefined)) {
    const next = '`npx nodeless inbox` lists the machines that wait.';
    throw new Refusal('Give either ids or --all-matching with a filter.', EXIT.usage, next);
  }
  if (options.asNode !== undefined && (all !== undefined || ids.length > 1)) {
    throw new Refusal('--as-node is for one machine: a node is one.', EXIT.usage, 'Give one id.');
  }
  return all === undefined
    ? decide(context, act, ids, body)
    : decideAll(context, act, { filter: filterOf(all), body, yes: options.yes === true });
}

/** Without what was not said. */
function given(values: Record<string, Row[string] | undefined>): Row {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Row;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (seconds <= 0) throw new InvalidArgumentError('expected a duration such as 90m, 12h or 7d');
  return seconds;
}
