import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { HookReply } from '../../shared/hook/hook-port.ts';
import { askMatchHook } from '../../shared/hook/match-hook.ts';
import { withinBudget } from '../../shared/hook/within-budget.ts';
import { type Decision, decide } from '../../shared/identity/decide.ts';
import { evidenceOf } from '../../shared/identity/evidence.ts';
import type { Matching } from '../../shared/identity/matching.ts';
import { newNode } from '../../shared/node/new-node.ts';

const UUID = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';
const NODE = newNode({
  uuid: UUID,
  driver: 'manual',
  created_at: '2026-11-23T00:00:00.000000+00:00',
  interfaces: defaultInterfaces('manual'),
  properties: { tpm_ek_hash: 'ek-one', serial_number: 'S1' },
});
const shown = (tpm: string) =>
  evidenceOf([
    { kind: 'mac', text: '52:54:00:00:00:09', source: 'inventory' },
    { kind: 'tpm_ek', text: tpm, source: 'inventory' },
  ]);
const hook = (fallback: 'built-in' | 'hold' | 'deny') => ({ name: 'fuel', timeoutSeconds: 2, fallback });

async function asked(reply: HookReply, fallback: 'built-in' | 'hold' | 'deny' = 'built-in', tpm = 'ek-two') {
  const evidence = shown(tpm);
  const matching: Matching = { preset: 'nodeless', hook: hook(fallback) };
  const tools = {
    hooks: { call: async () => reply },
    nodes: { get: async (uuid: string) => (uuid === UUID ? NODE : undefined) },
    ids: { uuid: () => 'key' },
    matching,
  };
  return askMatchHook(evidence, decide(evidence, [], matching), tools);
}
const match: HookReply = {
  kind: 'answered',
  body: { verdict: 'match', node: UUID.toUpperCase(), reason: 'as\nbought' },
};
const down: HookReply = { kind: 'failed', because: 'unreachable', message: 'it is down' };
const because = (decision: Decision) => (decision.verdict === 'conflict' ? decision.because : decision.verdict);

describe('the hook of matching', () => {
  it('names a node, and its reason stands first in the explanation', async () => {
    const decision = await asked(match, 'hold', 'ek-one');
    assert.equal(decision.verdict === 'match' && decision.node.uuid, UUID);
    assert.match(decision.reasons[0] ?? '', /^hook fuel says match node .*: as bought$/);
    assert.equal(decision.explanation.hook, decision.reasons[0]);
  });

  it('cannot name a node whose TPM is another: a veto is outweighed by nobody', async () => {
    const decision = await asked(match, 'hold');
    assert.equal(because(decision), 'held');
    assert.match(decision.reasons[0] ?? '', /which has another TPM key hash/);
  });

  for (const [fallback, ends] of [
    ['built-in', 'none'],
    ['hold', 'held'],
    ['deny', 'denied'],
  ] as const) {
    it(`that is down leaves it to its fallback ${fallback}: ${ends}`, async () => {
      assert.equal(because(await asked(down, fallback)), ends);
    });
  }

  it('is not asked about a machine that is matched', async () => {
    const evidence = shown('ek-one');
    const known: Decision = { ...decide(evidence, [], { preset: 'nodeless' }), verdict: 'match', node: NODE, by: [] };
    const tools = {
      hooks: { call: () => assert.fail('asked') },
      nodes: { get: async () => NODE },
      ids: { uuid: () => 'key' },
      matching: { preset: 'nodeless' as const, hook: hook('deny') },
    };
    assert.equal(await askMatchHook(evidence, known, tools), known);
  });

  it('has no more time than is left for a machine, whatever it may take by itself', async () => {
    const clock = { at: 0, now: () => clock.at };
    const given: number[] = [];
    const slow = {
      call: async ({ timeoutSeconds }: { timeoutSeconds: number }): Promise<HookReply> => {
        given.push(timeoutSeconds);
        clock.at += 6000;
        return down;
      },
    };
    const hooks = withinBudget(slow, clock, 10);
    const call = { hook: 'fuel', purpose: 'match' as const, idempotencyKey: 'k', body: {}, timeoutSeconds: 8 };
    for (let i = 0; i < 3; i += 1) await hooks.call(call);
    assert.deepEqual(given, [8, 4]);
  });
});
