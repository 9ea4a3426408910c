import { z } from 'zod';
import { InvalidInput } from '../../shared/errors.ts';
import { argumentSchema, HOOK_VERBS } from '../../shared/hook/hook-method.ts';

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];
/** Names of the vendor API itself: `GET …/methods`, `GET …/result`. */
const RESERVED = ['methods', 'result'];

const methods = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
    z
      .strictObject({
        description: z.string().min(1).max(255),
        verbs: z.array(z.enum(HOOK_VERBS)).min(1).optional().describe('Default: POST'),
        audience: z.enum(['operator', 'agent']).optional().describe('agent: a machine may call it for its own node'),
        async: z.boolean().optional().describe('Answered with 202 at once; the result is asked for'),
        attach: z.boolean().optional().describe('Its result is a text and is given as it is'),
        perMinute: z.int().min(1).max(6000).optional(),
        arguments: z.record(z.string(), z.json()).optional().describe('JSON Schema of an object; default: none'),
      })
      .check(({ value, issues }) => {
        try {
          argumentSchema(value);
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error;
          issues.push({ code: 'custom', message: error.message, input: value, path: [] });
        }
      }),
  )
  .check(({ value, issues }) => {
    const taken = RESERVED.find((name) => Object.hasOwn(value, name));
    if (taken) issues.push({ code: 'custom', message: `the name ${taken} is reserved`, input: value, path: [] });
  })
  .optional()
  .describe('Vendor methods of the nodes whose driver_info.hook names this hook and whose vendor_interface is hook');

const webhook = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2000),
    secret: z
      .string()
      .regex(/^(env:[A-Za-z_]\w*|file:.+|arn:[\w-]+:secretsmanager:.+)$/, 'env:NAME, file:PATH or the ARN of a secret')
      .describe('Where the secret is that signs each call; never the secret itself'),
    plainHttp: z.boolean().optional().describe('Allow http beyond this machine: whoever listens can read it'),
    methods,
  })
  .refine(
    ({ url, plainHttp }) => url.startsWith('https:') || plainHttp || LOOPBACK.includes(new URL(url).hostname),
    'https, or plainHttp: true',
  )
  .refine(({ url }) => new URL(url).username === '' && new URL(url).password === '', 'no credentials in a URL');

const lambda = z.strictObject({
  function: z
    .string()
    .regex(/^arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/, 'the ARN of a Lambda function'),
  methods,
});

/** `hooks` of the configuration: your own code, by name. */
export const hooksSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), z.union([webhook, lambda]))
  .describe("The operator's own code, by the name that matching, enrolment and driver_info.hook use");
