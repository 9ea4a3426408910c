import { ClaimTaken } from '../../errors.ts';
import type { Beside } from '../../node/node-store.ts';
import type { Stored } from '../../resource/resource-store.ts';
import { lostRace, type MemoryTables } from './tables.ts';

type Token = Stored & { used: number; uses: number | null; revoked_at: string | null };
const rowOf = (tables: MemoryTables, kind: string, uuid: string) => tables.resources.get(`${kind}#${uuid}`)?.item;

/** Throws before anything is changed, as a transaction would. */
export function checkBeside(tables: MemoryTables, beside: readonly Beside[]): void {
  for (const one of beside) {
    if (one.change === 'replace') {
      if (rowOf(tables, one.kind, one.item.uuid)?.version !== one.item.version) throw lostRace(one.kind, one.item.uuid);
      continue;
    }
    const token = rowOf(tables, 'join_token', one.token) as Token | undefined;
    const free = token && token.revoked_at === null && (token.uses === null || token.used < token.uses);
    if (!free) throw new ClaimTaken('join_token', one.token, undefined);
  }
}

export function applyBeside(tables: MemoryTables, beside: readonly Beside[], now: number): void {
  for (const one of beside) {
    if (one.change === 'replace') {
      const item = structuredClone({ ...one.item, version: one.item.version + 1 });
      tables.resources.set(`${one.kind}#${item.uuid}`, { kind: one.kind, item });
      tables.record(item.uuid, one.events ?? [], now);
      continue;
    }
    const token = rowOf(tables, 'join_token', one.token) as Token;
    const item: Token = { ...token, used: token.used + 1, version: token.version + 1 };
    tables.resources.set(`join_token#${token.uuid}`, { kind: 'join_token', item });
  }
}
