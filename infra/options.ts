import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

const text = (why: string) => z.string().min(1).describe(why);
const flag = (why: string) =>
  z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]).describe(why);
const whole = (min: number, max: number, why: string) => z.coerce.number().int().min(min).max(max).describe(why);
const listOf = (pattern: RegExp, why: string) =>
  z
    .union([z.array(z.string()), z.string().transform((value) => value.split(',').map((part) => part.trim()))])
    .pipe(z.array(z.string().regex(pattern)).min(1))
    .describe(why);
const cidrs = (why: string) =>
  z
    .union([z.array(z.string()), z.string().transform((value) => value.split(',').map((part) => part.trim()))])
    .pipe(z.array(z.string().refine(isNetwork, 'is not a network like 203.0.113.0/24')).min(1))
    .describe(why);

const principals = z.array(z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/\S+$/)).min(1);
/** As an object in cdk.json, or as JSON on the command line. */
const rolesOfPrincipals = z
  .preprocess(
    (given) => (typeof given === 'string' ? parsed(given) : given),
    z.strictObject({ reader: principals.optional(), member: principals.optional(), admin: principals.optional() }),
  )
  .describe(
    'With `iam`: which IAM roles and users are reader, member or admin. Without it whoever IAM lets in is admin',
  );

/** CloudWatch Logs keeps for these numbers of days and no others. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Every option of the deployment, as `-c nodeless:<name>=<value>` or in the `context` of cdk.json. */
export const optionTable = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/)
      .default('Nodeless')
      .describe('Names both stacks (`<name>`, `<name>-Data`), the functions and the state machine'),
    configuration: text(
      'A file, JSON or YAML, of what `NODELESS_CONFIG` holds locally (schema: `infra/local/nodeless-config.schema.json`); above 2 KB it is deployed beside the code',
    ).optional(),
    disposable: flag(
      'Tables, secrets and the bucket, once it is empty, go with their stack, without protection and recovery: for trials',
    ).default(false),
    logDays: z.coerce
      .number()
      .refine((days) => RETENTIONS.includes(days), `must be one of ${RETENTIONS.join(', ')}`)
      .default(30)
      .describe('How many days logs are kept'),
    accessLogs: flag(
      'API Gateway logs each request with its route (no path, no query string, no body). Sets the log role that API Gateway has once in an account and region: `false` where others own it',
    ).default(true),
    tracing: flag(
      'X-Ray traces of the operator API, the functions and the state machine; each is paid for. Never of the agent API’s gateway: its URLs hold join tokens',
    ).default(false),
    sweepMinutes: whole(
      1,
      60,
      'Minutes between two sweeps: runs whose execution is gone, power states, lost agents, machines that register themselves as available',
    ).default(5),
    agentRate: whole(1, 10_000, 'Requests a second that the agent API takes; a throttled agent comes back').default(
      200,
    ),
    agentBurst: whole(1, 5000, 'The same, at once').default(400),
    operatorRate: whole(1, 10_000, 'Requests a second that the operator API takes').default(50),
    operatorBurst: whole(1, 5000, 'The same, at once').default(100),
    maxWriteUnits: whole(
      500,
      40_000,
      'Write units a second that each table takes at most, so that nobody can spend more than these; what is above is a 503, and agents come back. The default is what a new table takes anyway, and costs $9 an hour where all of it is used',
    ).default(4000),
    maxReadUnits: whole(500, 40_000, 'The same of read units, and $5 an hour').default(12_000),
    agentSources: cidrs(
      'Networks that may call the agent API, comma-separated, as a resource policy; without it everywhere, the token decides',
    ).optional(),
    operatorSources: cidrs('The same of the operator API; without it everywhere, the password decides').optional(),
    operatorAuth: z
      .enum(['basic', 'iam'])
      .default('basic')
      .describe(
        'Who an operator is: `basic` by the generated password, `iam` by a signature that IAM checks at the gateway',
      ),
    operatorRoles: rolesOfPrincipals.optional(),
    agentUrl: z
      .url()
      .optional()
      .describe(
        'What agents call where that is not the gateway’s own name: a domain of one’s own with its base path, if it has one. Links and kernel parameters show it',
      ),
    operatorUrl: z.url().optional().describe('What operators call, likewise'),
    vpc: listOf(
      /^vpc-[0-9a-f]+$/,
      'Where `reach` sits, by id: a way to the machines (VPN, Direct Connect), and neither NAT nor endpoints. Without it only machines with public addresses can be deployed',
    ).optional(),
    subnets: listOf(/^subnet-[0-9a-f]+$/, 'Its subnets, by ids, comma-separated; required with `vpc`').optional(),
    securityGroups: listOf(/^sg-[0-9a-f]+$/, 'Security groups of the function, likewise').optional(),
    alarmTopic: text(
      'ARN of the SNS topic that the [alarms](ALARMS.md) are told to; without it they only change colour',
    )
      .regex(/^arn:[\w-]+:sns:/)
      .optional(),
    dashboard: flag('A CloudWatch dashboard, one graph a metric, for $3 a month').default(false),
    localstack: flag('Fixes the ids of the APIs, which only LocalStack heeds').default(false),
  })
  .refine(
    ({ vpc, subnets, securityGroups }) =>
      [subnets, securityGroups].every((one) => (one === undefined) === (vpc === undefined)),
    {
      path: ['vpc'],
      message: 'vpc, subnets and securityGroups belong together',
    },
  )
  .refine(({ operatorAuth, operatorRoles }) => operatorRoles === undefined || operatorAuth === 'iam', {
    path: ['operatorRoles'],
    message: 'needs operatorAuth=iam: the generated password is one administrator',
  });

export type Options = z.infer<typeof optionTable>;
const PREFIX = 'nodeless:';

/** Options out of the CDK's context. Throws one error that names every mistake. */
export function readOptions(context: Record<string, unknown>): Options {
  const given = Object.entries(context).filter(([key]) => key.startsWith(PREFIX));
  const result = optionTable.safeParse(
    Object.fromEntries(given.map(([key, value]) => [key.slice(PREFIX.length), value])),
  );
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.map((key) => PREFIX + [...issue.path, key].join('.')).join(', ')}: there is no such option`
      : `${PREFIX}${issue.path.join('.')}: ${issue.message}`,
  );
  throw new Error(`Options (see infra/README.md): ${problems.join('; ')}`);
}

/** What is no JSON stays a string, which the schema refuses. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isNetwork(value: string): boolean {
  const [address = '', prefix = '', ...rest] = value.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
