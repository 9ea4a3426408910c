import { z } from 'zod';
import { nodeShapeSchema, policySchema } from '../../../shared/enrollment/policy.ts';
import { EVIDENCE_KINDS } from '../../../shared/identity/kinds.ts';
import { FILTERS } from '../../../shared/inbox/filter.ts';
import { SUBMISSION_STATES } from '../../../shared/inbox/submission.ts';
import { type Arguments, PAGING } from '../../../shared/resource/query.ts';
import { FIELDS_ARGUMENT, links, listOf, type Shape } from '../../shape.ts';

const json = z.unknown();
const uuid = z.guid();
const time = z.string().describe('ISO 8601');
const maybe = <T extends z.ZodType>(shape: T) => shape.nullable();
const text = z.string();
const kind = z.enum(EVIDENCE_KINDS);
const lines = z.array(text).describe('Lines for people');
const state = z.enum(SUBMISSION_STATES);
const strings = (names: readonly string[]): Arguments => Object.fromEntries(names.map((name) => [name, ['string', 1]]));
const LISTED: Arguments = { ...PAGING, fields: ['list', 8], detail: ['boolean', 1] };

const spoke = z.object({ kind, values: z.array(text), points: z.number() });
const candidate = z.object({
  node: uuid,
  name: maybe(text),
  for: z.array(spoke),
  against: z.array(spoke),
  score: z.number(),
  threshold: z.number(),
  distance: z.number().describe('Score less threshold'),
  vetoedBy: z.array(kind),
  compared: z.int(),
  moved: z.array(z.object({ kind, from: z.array(text), to: z.array(text) })),
});
const explanation = z.looseObject({
  candidates: z.array(candidate),
  ignored: z.array(z.object({ kind, value: text, why: text })),
  unknown: z.array(z.object({ kind, value: text })),
  outcome: text,
});
const passed = z.array(z.object({ policy: text, why: text })).describe('Policies that were passed over');
const history = z.array(
  z.object({
    uuid,
    created_at: time,
    event_type: text,
    event: text,
    user: maybe(text),
    severity: z.enum(['INFO', 'ERROR']),
    detail: z.record(text, json),
  }),
);
const item = z.looseObject({ kind, value: text, source: text });
const evidence = z.object({
  items: z.array(item),
  ignored: z.array(item),
  profile: z.record(text, json).describe('Vendor, model, cpus …'),
});

const entry = z.object({
  uuid,
  state,
  macs: z.array(text),
  serial: maybe(text),
  vendor: maybe(json),
  model: maybe(json),
  reason: text,
  policy: maybe(text),
  candidates: z.array(uuid).describe('Nodes that it is like'),
  node: maybe(uuid).describe('Once it is approved'),
  first_seen_at: time,
  last_seen_at: time,
  count: z.int(),
  decided_by: maybe(text),
  decided_at: maybe(time),
  links,
});
const fullEntry = entry.extend({
  evidence,
  explanation,
  passed,
  reasons: lines,
  source: z.object({ address: maybe(text), request: z.enum(['lookup', 'inspection']), join_token: maybe(uuid) }),
  has_inventory: z.boolean(),
  decision: maybe(z.object({ as: maybe(z.enum(['new', 'node', 'policy'])), node: maybe(uuid), reason: maybe(text) })),
  history,
});

const stillAnswered = z
  .array(z.object({ node: uuid, name: maybe(text), macs: z.array(text) }))
  .describe('Nodes that have MACs of the rejected machine: a lookup with one is theirs, as before');
const rejectedEntry = entry.extend({ still_answered: stillAnswered });

const filter = z
  .strictObject(Object.fromEntries(FILTERS.map((name) => [name, text])))
  .partial()
  .describe('Texts in which * stands for any; {} is all that wait');
const bulkOf = <T extends z.ZodType>(one: T) =>
  z.object({
    done: z.array(one),
    failed: z.array(z.object({ uuid, status: z.int(), message: text })),
    more: z.boolean().describe('There were more than one request decides on'),
  });
const reason = text.max(1000).optional();

const stored = { uuid, created_at: time, updated_at: maybe(time), links };
const policyRequest = z.object({ ...policySchema.shape, uuid: uuid.optional(), priority: z.int().min(0).optional() });
const policy = z.object({ ...policySchema.shape, ...stored, priority: z.int() });
const shortPolicy = policy.omit({ created_at: true, updated_at: true });

const token = z.object({
  ...stored,
  name: maybe(text),
  description: maybe(text),
  expires_at: maybe(time),
  uses: maybe(z.int()),
  used: z.int(),
  serials: z.array(text),
  models: z.array(text),
  policy: maybe(text),
  state: z.enum(['valid', 'expired', 'used_up', 'revoked']),
  revoked_at: maybe(time),
  revoked_by: maybe(text),
  created_by: maybe(text),
});
const shortToken = token.omit({ created_at: true, updated_at: true, revoked_by: true, created_by: true });
const serials = z
  .array(text)
  .describe('Texts in which * stands for any, or ranges: SN0100..SN0199 begin alike and count at the end');
const tokenRequest = z
  .strictObject({
    name: maybe(text),
    description: maybe(text),
    expires_at: maybe(time),
    expires_in_seconds: z.int().min(1),
    uses: maybe(z.int().min(1)),
    serials,
    models: serials,
    policy: maybe(text),
  })
  .partial();

const weight = z
  .object({ for: z.number(), against: z.number(), more: z.number(), most: z.number(), whole: z.number() })
  .partial();
const matching = z.object({
  preset: z.enum(['nodeless', 'ironic']),
  weights: z.record(kind, weight),
  threshold: z.number(),
  first_threshold: z.number(),
  vetoes: z.array(kind),
  ignored_values: z.record(text, z.array(text)),
  hook: maybe(z.looseObject({ name: text })),
});
const replay = z.object({
  outcome: text,
  verdict: z.enum(['match', 'enroll', 'hold', 'deny', 'wait', 'hook']),
  node: maybe(uuid),
  reasons: lines,
  changed: z.boolean(),
  changes: lines,
});
const explained = z.object({
  subject: z.enum(['node', 'submission']),
  uuid,
  state: text,
  outcome: text,
  reasons: lines,
  explanation: maybe(explanation),
  passed,
  submission: maybe(uuid).optional(),
  provide: z
    .object({ ready: z.boolean(), reason: text })
    .optional()
    .describe('Of a manageable node: whether it becomes available by itself, and why (not)'),
  replay: replay.optional(),
  history,
});
const patch = z.array(z.object({ op: z.enum(['add', 'replace', 'remove']), path: text, value: json.optional() }));

/** Requests and answers of `/v1/nodeless`: tests hold answers to them. */
export const NODELESS_SHAPES: Readonly<Record<string, Shape>> = {
  'operator/inbox#list': { query: { ...PAGING, ...strings(FILTERS) }, status: 200, answer: listOf('inbox', entry) },
  'operator/inbox#show': { status: 200, answer: fullEntry },
  'operator/inbox#remove': { status: 204 },
  'operator/inbox#approve': {
    request: z.union([z.strictObject({ node: text, reason }), nodeShapeSchema.extend({ reason })]),
    status: 200,
    answer: fullEntry,
  },
  'operator/inbox#reject': {
    request: z.strictObject({ reason }),
    status: 200,
    answer: fullEntry.extend({ still_answered: stillAnswered }),
  },
  'operator/inbox#approve-all': {
    request: nodeShapeSchema.extend({ filter, reason }),
    status: 200,
    answer: bulkOf(entry),
  },
  'operator/inbox#reject-all': {
    request: z.strictObject({ filter, reason }),
    status: 200,
    answer: bulkOf(rejectedEntry),
  },
  'operator/policies#create': { request: policyRequest, status: 201, answer: policy },
  'operator/policies#list': {
    query: LISTED,
    status: 200,
    answer: listOf('policies', shortPolicy),
  },
  'operator/policies#effective': { status: 200, answer: z.object({ policies: z.array(policySchema) }) },
  'operator/policies#show': { query: FIELDS_ARGUMENT, status: 200, answer: policy },
  'operator/policies#patch': { request: patch, status: 200, answer: policy },
  'operator/policies#remove': { status: 204 },
  'operator/join-tokens#create': {
    request: tokenRequest,
    status: 201,
    answer: token.extend({ token: text.describe('Shown this once'), path: text.describe('Below the agent API’s URL') }),
  },
  'operator/join-tokens#list': {
    query: LISTED,
    status: 200,
    answer: listOf('join_tokens', shortToken),
  },
  'operator/join-tokens#show': { status: 200, answer: token },
  'operator/join-tokens#revoke': { status: 204 },
  'operator/matching#show': { status: 200, answer: matching },
  'operator/explain#show': { query: { replay: ['boolean', 1] }, status: 200, answer: explained },
};

/** Shapes that others are made of: written down once. */
export const NODELESS_PARTS = {
  entry,
  rejectedEntry,
  stillAnswered,
  fullEntry,
  evidence,
  item,
  explanation,
  candidate,
  spoke,
  kind,
  links,
  history,
  policy,
  shortPolicy,
  token,
  shortToken,
  replay,
};
