import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { teachingOf } from '../../shared/agent/teaching.ts';
import { decide } from '../../shared/identity/decide.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { DEFAULT_MATCHING, type Matching } from '../../shared/identity/matching.ts';
import type { JsonObject } from '../../shared/json.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

const MAC = '52:54:00:00:00:01';
const WHOLE = { serial_number: 'SN', disk_serials: ['D1', 'D2'], bmc_mac: '52:54:00:00:00:99' };
const machine = (more: JsonObject = {}, macs: string[] = [MAC]): JsonObject => ({
  interfaces: macs.map((mac_address) => ({ mac_address })),
  disks: [{ serial: 'D1' }, { serial: 'D2' }],
  bmc_mac: WHOLE.bmc_mac,
  system_vendor: { serial_number: 'SN', tpm_ek_hash: 'ek', ...more },
});
const bare = (serial: string): JsonObject => ({
  interfaces: [{ mac_address: MAC }],
  system_vendor: { serial_number: serial, tpm_ek_hash: 'ek' },
});
const aNode = (given: Partial<Node>): Node =>
  newNode({ uuid: 'a', driver: 'manual', created_at: '', interfaces: {}, provision_state: 'available', ...given });
const inspecting = { ended: null, cursor: 0, phases: [{ kind: 'await-inspection' }] } as unknown as NonNullable<
  Node['run']
>;

describe('what an inventory teaches the node that it is matched with', () => {
  const cases: [string, Node, JsonObject, string[], RegExp, Matching?][] = [
    ['nothing, by a MAC alone', aNode({ macs: [MAC] }), machine(), [], /0 of 100 points/],
    [
      'nothing, by a MAC and a sticker',
      aNode({ macs: [MAC], properties: { serial_number: 'SN' } }),
      machine(),
      [],
      /50 of 100 points/,
    ],
    [
      'nothing in a state that expects no ramdisk: who runs there knows all of the machine',
      aNode({ macs: [MAC], properties: WHOLE, provision_state: 'active' }),
      machine(),
      [],
      /no ramdisk is expected of a node that is active/,
    ],
    [
      'nothing, by MAC, where MACs are all that counts',
      aNode({ macs: [MAC], properties: WHOLE }),
      machine(),
      [],
      /0 of 100/,
      { preset: 'ironic' },
    ],
    [
      'all but what vetoes, by what would do without a MAC',
      aNode({ macs: [MAC], properties: WHOLE }),
      machine(),
      ['mac', 'system_serial', 'bmc_mac', 'disk'],
      /but for its TPM key hash: that takes an inspection of its own/,
    ],
    [
      'its first MACs, where an operator wrote down a serial number and waits for it',
      aNode({ properties: { serial_number: 'SN' }, provision_state: 'active' }),
      bare('SN'),
      ['mac', 'system_serial'],
      /50 points speak for it/,
    ],
    [
      'all of it, when its inspection waits for it',
      aNode({ macs: [MAC], run: inspecting }),
      bare('SN'),
      ['mac', 'tpm_ek', 'system_serial'],
      /its inspection waits/,
    ],
    [
      'nothing again, once that run is over',
      aNode({ macs: [MAC], run: { ...inspecting, ended: { result: 'done', reason: null, at: '' } } }),
      bare('SN'),
      [],
      /0 of 100 points/,
    ],
  ];
  for (const [what, node, inventory, learns, why, matching = DEFAULT_MATCHING] of cases) {
    it(what, () => {
      const evidence = evidenceFromInventory(inventory);
      const decision = decide(evidence, [node], matching);
      assert.equal(decision.verdict, 'match');
      const teaching = teachingOf(node, evidence, decision.explanation, matching);
      assert.match(teaching.why, why);
      assert.deepEqual(new Set(teaching.evidence?.items.map(({ kind }) => kind)), new Set(learns));
    });
  }

  it('all of it, when the operator’s own code says whose it is', () => {
    const node = aNode({ macs: ['52:54:00:00:00:77'] });
    const evidence = evidenceFromInventory(bare('SN'));
    const explanation = { ...decide(evidence, [node]).explanation, hook: 'hook h says match node a' };
    assert.deepEqual(teachingOf(node, evidence, explanation, DEFAULT_MATCHING).evidence, evidence);
  });
});
