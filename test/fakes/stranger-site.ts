import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { localConfiguration } from '../../infra/local/configuration.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { continueInspection } from '../../shared/agent/inspection.ts';
import { lookup } from '../../shared/agent/lookup.ts';
import type { Policy } from '../../shared/enrollment/policy.ts';
import { NodelessError } from '../../shared/errors.ts';
import type { Hooks } from '../../shared/hook/hook-port.ts';
import { noHooks } from '../../shared/hook/no-hooks.ts';
import { evidenceOf } from '../../shared/identity/evidence.ts';
import type { Submission } from '../../shared/inbox/submission.ts';
import { hashOf, idOf, type JoinToken, mintToken } from '../../shared/join-token/join-token.ts';
import type { JsonObject } from '../../shared/json.ts';
import { memoryStores } from '../contract/engines.ts';
import { inconsistencies, memorySnapshot } from './consistency.ts';
import { SimulatedWorkflow } from './simulated-workflow.ts';

export interface Shown {
  macs: string[];
  serial?: string;
  model?: string;
}
export const inventoryOf = ({ macs, serial = `SN-${macs[0]}`, model = 'R1' }: Shown): JsonObject => ({
  interfaces: macs.map((mac_address) => ({ mac_address })),
  system_vendor: { manufacturer: 'Example', product_name: model, serial_number: serial },
});
export const mac = (unit: number, card = 1): string => `52:54:00:77:${hex(unit)}:${hex(card)}`;
const hex = (part: number): string => part.toString(16).padStart(2, '0');

/** One deployment over memory with a clock that moves when told. */
export class StrangerSite {
  time = Date.parse('2026-01-01T00:00:00Z');
  readonly tables = new MemoryTables();
  readonly stores = memoryStores(this.tables);
  /** The operator's own code. */
  hooks: Hooks = noHooks;
  readonly configuration = localConfiguration({ enrollment: { unknown: 'hold' } });
  readonly given = {
    ...this.stores,
    documents: new MemoryDocuments(),
    workflow: new SimulatedWorkflow(),
    clock: { now: () => this.time },
    ids: { uuid: randomUUID },
    configuration: this.configuration,
    tokenKey: async () => new Uint8Array(32),
    hooks: { call: (call) => this.hooks.call(call) } satisfies Hooks as Hooks,
  };

  inspect(shown: Shown, joinToken?: string, given = this.given) {
    const caller = { address: '10.0.0.5', ...(joinToken === undefined ? {} : { joinToken }) };
    return outcomeOf(continueInspection({ inventory: inventoryOf(shown) }, given, caller));
  }

  look(address: string, joinToken?: string) {
    return this.show([address], joinToken);
  }

  show(macs: string[], joinToken?: string) {
    const evidence = evidenceOf(macs.map((text) => ({ kind: 'mac', text, source: 'query' })));
    const caller = joinToken === undefined ? {} : { caller: { joinToken } };
    return outcomeOf(lookup({ evidence, token: 'wanted', ...caller }, this.given));
  }

  rows = () => this.stores.resources.list<Submission>('submission');
  async only(): Promise<Submission> {
    const [row, ...others] = await this.rows();
    assert.ok(row && others.length === 0, `${others.length + 1} rows`);
    return row;
  }

  policies(...policies: (Partial<Policy> & Pick<Policy, 'name' | 'outcome'>)[]): void {
    const whole = policies.map((one) => ({ conditions: {}, node: {}, limits: {}, ...one }));
    this.configuration.enrollment = { ...this.configuration.enrollment, policies: whole };
  }

  async token(more: Partial<JoinToken> = {}): Promise<string> {
    const token = mintToken();
    const nothing = { name: null, description: null, expires_at: null, policy: null, created_by: null };
    const row = { uuid: idOf(token), hash: hashOf(token), uses: null, used: 0, serials: [], models: [], ...nothing };
    const stored = { created_at: '', updated_at: null, version: 1, schema: 1 as const };
    await this.stores.resources.create(
      'join_token',
      { ...row, revoked_at: null, revoked_by: null, ...stored, ...more },
      [],
    );
    return token;
  }

  consistent(): void {
    assert.deepEqual(inconsistencies(memorySnapshot(this.tables)), []);
  }
}

/** The node's uuid, or the status of the refusal. */
export const outcomeOf = (work: Promise<{ node: { uuid: string } }>): Promise<string | number> =>
  work.then(
    ({ node }) => node.uuid,
    (error: unknown) => {
      if (error instanceof NodelessError) return error.status;
      throw error;
    },
  );
