import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Bmcs } from '../drivers/bmcs.ts';
import type { Hooks } from '../hook/hook-port.ts';
import type { JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

export type Audience = 'operator' | 'agent';
export type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What the method works on: a node, or, nodeless, a driver. */
export type Subject = { kind: 'node'; node: Node } | { kind: 'driver'; driver: string };

/** What a running method is given. Its arguments were checked. */
export interface VendorCall<S extends Subject = Subject> {
  subject: S;
  httpMethod: string;
  nodes: Pick<NodeStore, 'get' | 'replace'>;
  clock: Clock;
  /** Only where an operator calls: what an agent starts reaches no BMC. */
  bmcs?: Bmcs;
  /** The operator's own code. */
  hooks?: Hooks | undefined;
  /** Of this call; the same when the caller says that it repeats itself. */
  key: string;
  /** Fires when the time is up: stop, nobody waits for the value any more. */
  signal: AbortSignal;
}

/** A vendor method is this row. */
export interface VendorMethod {
  name: string;
  /** The vendor interface that has it, or `*`: every driver. */
  vendor: string;
  audience: Audience;
  subject: Subject['kind'];
  verbs: readonly Verb[];
  async: boolean;
  /** The value is a text and is the answer as it is, not JSON. */
  attach: boolean;
  /** Only for nodes that name this hook in `driver_info.hook`. */
  hook?: string;
  description: string;
  requireExclusiveLock: boolean;
  /** Calls per minute and subject, of all processes together: a brake for loops. */
  perMinute: number;
  arguments: z.ZodType;
  run(call: VendorCall, given: unknown): Promise<JsonValue>;
}

interface Given<K extends Subject['kind'], A extends z.ZodType>
  extends Partial<Pick<VendorMethod, 'async' | 'attach' | 'hook' | 'requireExclusiveLock' | 'perMinute'>>,
    Pick<VendorMethod, 'name' | 'vendor' | 'audience' | 'verbs' | 'description'> {
  subject: K;
  arguments: A;
  run(call: VendorCall<Extract<Subject, { kind: K }>>, given: z.output<A>): Promise<JsonValue>;
}

/** A row with Ironic's defaults. The casts hold because `callVendorMethod` checks subject and arguments first. */
export function vendorMethod<K extends Subject['kind'], A extends z.ZodType>(given: Given<K, A>): VendorMethod {
  return {
    async: true,
    attach: false,
    requireExclusiveLock: true,
    perMinute: 120,
    ...given,
    run: (call, args) => given.run(call as VendorCall<Extract<Subject, { kind: K }>>, args as z.output<A>),
  };
}
