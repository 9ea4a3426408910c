import { z } from 'zod';

const text = z.string();
const maybe = z.string().nullish();
const said = <T extends z.ZodRawShape>(shape: T) => z.looseObject(shape);

/**
 * Everything that is written into a node's history and published, by `event_type`. A version grows when a field goes or
 * changes its meaning; fields that come in addition leave it as it is, so readers must ignore what they do not know.
 */
export const EVENT_TYPES = {
  enrolled: {
    version: 1,
    when: 'a machine that nobody knew became a node',
    detail: said({
      reasons: z.array(text).describe('Why it was enrolled'),
      macs: z.array(text),
      serial: maybe,
      shown: z.record(text, z.array(text)).optional().describe('What it showed beside its MACs, by kind'),
      left_out: z.int().optional().describe('How many values were too many to keep'),
    }),
  },
  learned: {
    version: 1,
    when: 'an inspection showed MACs that the node did not have, or replaced hardware',
    detail: said({}),
  },
  replaced: {
    version: 1,
    when: 'an operator said that another machine is this node now, or that MACs of this node went to another',
    detail: said({ submission: text.describe('The machine, in the inbox') }),
  },
  submitted: {
    version: 1,
    when: 'a machine got no node and is kept in the inbox; `node` is the id of its submission',
    detail: said({ state: text.describe('held, conflict, refused or denied'), reasons: z.array(text) }),
  },
  decided: {
    version: 1,
    when: 'an operator or a policy decided on a machine of the inbox; `node` is the id of its submission',
    detail: said({ node: maybe.describe('The node that it became') }),
  },
  conflict: {
    version: 1,
    when: 'a machine showed something of the node, and too little or something else besides; once an hour at most',
    detail: said({
      reasons: z.array(text).describe('What spoke for and against it'),
      submission: text.describe('The machine, in the inbox'),
      address: maybe.describe('Where it asked from'),
    }),
  },
  inspected: {
    version: 1,
    when: 'an inventory arrived, taught nothing (with reasons), came with an error, or was not taken (severity ERROR)',
    detail: said({
      macs: z.array(text).optional().describe('Learned from a BMC'),
      reasons: z.array(text).optional().describe('Why the node learnt nothing of it'),
      candidates: z.array(text).optional().describe('The nodes, where it was in conflict'),
      submission: text.nullish().describe('Its line in the inbox, likewise'),
    }),
  },
  transition: {
    version: 1,
    when: 'the provision state changed, or an operator asked for a change',
    detail: said({
      from: text.optional().describe('Provision state before'),
      to: text.optional().describe('Provision state now'),
      verb: text.optional().describe('What the operator asked for'),
      run: maybe.describe('The run that did it'),
      step: maybe.describe('What the run was doing'),
    }),
  },
  run: {
    version: 1,
    when: 'a run began (no result) or ended (result)',
    detail: said({
      run: text,
      flow: text.describe('deploy, clean, inspect …'),
      result: z.enum(['done', 'failed', 'aborted']).optional(),
      reason: maybe.describe('Why it failed'),
    }),
  },
  step: {
    version: 1,
    when: 'a run began or ended one thing that it does',
    detail: said({ run: text, step: text }),
  },
  power: { version: 1, when: 'an operator switched the power', detail: said({}) },
  maintenance: { version: 1, when: 'maintenance was set or ended', detail: said({}) },
  edited: { version: 1, when: 'an operator created or changed the node', detail: said({}) },
  acted: {
    version: 1,
    when: 'an operator did something to the machine or its records that no other event tells',
    detail: said({
      act: text.describe('What, in words'),
      given: z.record(text, z.unknown()).describe('With what; nothing that may be a secret'),
    }),
  },
  allocation: {
    version: 1,
    when: 'the node was given to an allocation, or given back',
    detail: said({ allocation: text, node: text }),
  },
  vendor: {
    version: 1,
    when: 'an asynchronous vendor method ended',
    detail: said({ call: text, method: text, state: z.enum(['done', 'failed']) }),
  },
  'turned-away': {
    version: 1,
    when: 'a ramdisk booted on a machine whose node is in a state that expects none, such as active; once an hour at most',
    detail: said({ state: text }),
  },
  'agent-lost': {
    version: 1,
    when: 'an agent that no run waited for stopped beating; the next run boots its machine anew',
    detail: said({ last_heard_at: text, interval_seconds: z.number().describe('What it was told') }),
  },
  firmware: {
    version: 1,
    when: 'the agent reported firmware',
    detail: said({ components: z.int().describe('How many') }),
  },
} as const satisfies Record<string, { version: number; when: string; detail: z.ZodType }>;

export type EventType = keyof typeof EVENT_TYPES;
