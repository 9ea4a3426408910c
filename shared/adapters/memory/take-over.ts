import type { Session } from '../../agent/session-store.ts';
import { claimsOf, macSet } from '../../node/claims.ts';
import type { Node } from '../../node/node.ts';
import type { TakeOver } from '../../node/node-store.ts';
import { applyBeside, checkBeside } from './beside.ts';
import { lostRace, type MemoryTables, portClaims } from './tables.ts';

/** One step; see NodeStore.takeOver. */
export function takeOver(tables: MemoryTables, node: Node, change: TakeOver, now: number): Node {
  const { add, drop, move, losers, events, beside = [] } = change;
  for (const row of [node, ...losers.map((loser) => loser.node)]) {
    if (tables.nodes.get(row.uuid)?.version !== row.version) throw lostRace('node', row.uuid);
  }
  for (const port of [...drop, ...move]) {
    if (tables.ports.get(port.uuid)?.version !== port.version) throw lostRace('port', port.uuid);
  }
  for (const [claim] of add.flatMap(portClaims)) tables.checkFree(claim);
  checkBeside(tables, beside);

  for (const port of [...drop, ...move]) {
    tables.ports.delete(port.uuid);
    for (const [claim, owner] of portClaims(port)) tables.release(claim, owner);
  }
  const moved = move.map((port) => ({
    ...port,
    node_uuid: node.uuid,
    portgroup_uuid: null,
    version: port.version + 1,
  }));
  for (const port of [...add, ...moved]) {
    tables.ports.set(port.uuid, structuredClone(port));
    for (const [claim, owner] of portClaims(port)) tables.take(claim, owner);
  }
  for (const loser of losers) {
    const macs = loser.node.macs.filter((mac) => !move.some((port) => port.address === mac));
    write(tables, { ...loser.node, macs, version: loser.node.version + 1 });
    tables.record(loser.node.uuid, loser.events, now);
  }
  const kept = node.macs.filter((mac) => !drop.some((port) => port.address === mac));
  const macs = macSet([...kept, ...add.map((port) => port.address), ...move.map((port) => port.address)]);
  const stored = write(tables, { ...node, macs, version: node.version + 1 });
  tables.record(node.uuid, events, now);
  for (const uuid of [node.uuid, ...losers.map((loser) => loser.node.uuid)]) endSession(tables, uuid);
  applyBeside(tables, beside, now);
  return stored;
}

function write(tables: MemoryTables, node: Node): Node {
  const before = tables.nodes.get(node.uuid);
  for (const claim of before ? claimsOf(before) : []) tables.release(claim, node.uuid);
  for (const claim of claimsOf(node)) tables.take(claim, node.uuid);
  tables.nodes.set(node.uuid, structuredClone(node));
  return node;
}

function endSession(tables: MemoryTables, uuid: string): void {
  const session = tables.sessions.get(uuid);
  if (!session) return;
  const { tokenHash: _hash, tokenless: _kind, bootFingerprint: _boot, ...rest } = session;
  const ended: Session = { ...rest, generation: rest.generation + 1, beats: rest.beats + 1, lastBeatAt: 0 };
  tables.sessions.set(uuid, ended);
}
