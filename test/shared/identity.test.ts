import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurationFile, localConfiguration } from '../../infra/local/configuration.ts';
import type { GivenConfiguration } from '../../shared/configuration.ts';
import { type Decision, decide } from '../../shared/identity/decide.ts';
import { type Evidence, evidenceOf, propertiesOf, type Shown } from '../../shared/identity/evidence.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { fits, ignoredBecause } from '../../shared/identity/ignored-values.ts';
import type { EvidenceKind } from '../../shared/identity/kinds.ts';
import type { Matching } from '../../shared/identity/matching.ts';
import { restates } from '../../shared/identity/restates.ts';
import type { JsonObject } from '../../shared/json.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

const MAC = (n: number) => `52:54:00:00:00:0${n}`;
const UUID = '7d4f8c1a-3b5e-4f60-9a7b-c8d9e0f1a2b3';
const PROFILE = { vendor: 'Example', model: 'R1', cpu_arch: 'x86_64', cpus: 64, memory_mb: 262_144, local_gb: 446 };

const aNode = (name: string, macs: string[], properties: JsonObject = {}): Node =>
  newNode({ uuid: `uuid-of-${name}`, name, driver: 'manual', created_at: '', interfaces: {}, macs, properties });
const showing = (given: Partial<Record<EvidenceKind, string | string[]>>, profile: JsonObject = {}): Evidence =>
  evidenceOf(
    Object.entries(given).flatMap(([kind, texts]) =>
      [texts].flat().map((text): Shown => ({ kind: kind as EvidenceKind, text, source: 'query' })),
    ),
    profile,
  );
const verdictOf = (decision: Decision): string =>
  decision.verdict === 'match'
    ? `match ${decision.node.name}`
    : decision.verdict === 'conflict'
      ? `${decision.because} conflict`
      : 'none';

const known = aNode('a', [MAC(1), MAC(2)], {
  serial_number: 'SN-A',
  system_uuid: UUID,
  disk_serials: ['D1', 'D2'],
  ...PROFILE,
});
const single = aNode('s', [MAC(1)], { serial_number: 'SN-A', system_uuid: UUID, ...PROFILE });
const other = aNode('b', [MAC(5)], { serial_number: 'SN-B' });
const SMALL = { serial_number: 'SN-S', disk_serials: ['D1'], ...PROFILE };
const small = aNode('s', [MAC(1)], SMALL);
/** With nothing but firmware's texts beside its cards. */
const cloned = aNode('c', [MAC(1)], { system_uuid: UUID, disk_serials: ['D1'], lldp_slots: ['sw/1'], ...PROFILE });
const waiting = aNode('w', [], { serial_number: 'SN-W', system_uuid: UUID });

describe('whose machine it is', () => {
  const cases: [string, Evidence, Node[], string, Partial<Matching>?][] = [
    ['one of its MACs is enough', showing({ mac: MAC(1) }), [known], 'match a'],
    ['unknown MACs beside do no harm', showing({ mac: [MAC(1), MAC(8)] }), [known], 'match a'],
    ['nothing of anybody', showing({ mac: MAC(8) }), [known, other], 'none'],
    ['a serial number alone, of a node that has MACs', showing({ system_serial: 'SN-A' }), [known], 'weak conflict'],
    [
      'serial number and UUID of a sticker, by somebody who shows no MAC',
      showing({ system_serial: 'SN-A', system_uuid: UUID }),
      [known],
      'weak conflict',
    ],
    ['a stranger with a serial number', showing({ mac: MAC(8), system_serial: 'SN-A' }), [known], 'weak conflict'],
    [
      'a serial number that a node without MACs waits for',
      showing({ mac: MAC(8), system_serial: 'SN-W' }),
      [waiting],
      'match w',
    ],
    [
      'a node that waits for another UUID',
      showing({ mac: MAC(8), system_serial: 'SN-W', system_uuid: 'other-uuid' }),
      [waiting],
      'weak conflict',
    ],
    [
      'the only NIC was swapped: serial number, UUID and profile agree',
      showing({ mac: MAC(9), system_serial: 'SN-A', system_uuid: UUID }, PROFILE),
      [single],
      'match s',
    ],
    [
      'the same, and the operator wants a person to see every swap',
      showing({ mac: MAC(9), system_serial: 'SN-A', system_uuid: UUID }, PROFILE),
      [single],
      'vetoed conflict',
      { vetoes: ['mac'] },
    ],
    [
      'the board was swapped: new MACs and UUID; serial number, disks and profile stayed',
      showing({ mac: [MAC(8), MAC(9)], system_serial: 'SN-A', disk: ['D1', 'D2'], bmc_mac: MAC(3) }, PROFILE),
      [aNode('a', [MAC(1)], { serial_number: 'SN-A', bmc_mac: MAC(3), disk_serials: ['D1', 'D2'], ...PROFILE })],
      'match a',
    ],
    [
      'the chassis was swapped: another serial number, the same cards and disks',
      showing({ mac: [MAC(1), MAC(2)], system_serial: 'SN-NEW', disk: ['D1', 'D2'] }, PROFILE),
      [known],
      'match a',
    ],
    [
      'the chassis was swapped around one card and one disk',
      showing({ mac: MAC(1), system_serial: 'SN-NEW', disk: 'D1' }, PROFILE),
      [small],
      'match s',
    ],
    [
      'a card with two MACs moved into a like machine',
      showing({ mac: [MAC(1), MAC(2)], system_serial: 'SN-NEW' }, PROFILE),
      [aNode('s', [MAC(1), MAC(2)], SMALL)],
      'weak conflict',
    ],
    [
      'only a NIC moved to another machine',
      showing(
        { mac: MAC(1), system_serial: 'SN-NEW', system_uuid: 'new-uuid', disk: 'X' },
        { ...PROFILE, model: 'R9' },
      ),
      [known],
      'weak conflict',
    ],
    [
      'MAC of a, serial number of b',
      showing({ mac: MAC(1), system_serial: 'SN-B' }),
      [known, other],
      'several conflict',
    ],
    ['MACs of two nodes', showing({ mac: [MAC(1), MAC(5)] }), [known, other], 'several conflict'],
    [
      'a cloned UUID, and all else differs',
      showing({ mac: MAC(9), system_serial: 'SN-X', system_uuid: UUID, disk: 'D9' }, PROFILE),
      [known],
      'none',
    ],
    [
      'a cloned UUID without a serial number, on other cards and disks',
      showing({ mac: MAC(9), system_uuid: UUID, disk: 'D9' }, PROFILE),
      [cloned],
      'none',
    ],
    [
      'a serial number on another board, where the volumes of its disks were made anew since',
      showing({ mac: MAC(9), system_serial: 'SN-S', disk: 'D9' }, PROFILE),
      [small],
      'weak conflict',
    ],
    [
      'a UUID and other cards in a model that its operator wrote otherwise',
      showing({ mac: MAC(9), system_uuid: UUID }, { ...PROFILE, vendor: 'Example Inc.' }),
      [cloned],
      'weak conflict',
    ],
    [
      'a UUID and other cards, with nothing else to compare: new cards, or a clone',
      showing({ mac: MAC(9), system_uuid: UUID }, PROFILE),
      [cloned],
      'weak conflict',
    ],
    [
      'a UUID and another card around the disk that was there',
      showing({ mac: MAC(9), system_uuid: UUID, disk: 'D1' }, PROFILE),
      [cloned],
      'match c',
    ],
    [
      'a UUID, other cards and disks in the same place of the rack',
      showing({ mac: MAC(9), system_uuid: UUID, disk: 'D9', lldp_slot: 'sw/1' }, PROFILE),
      [cloned],
      'weak conflict',
    ],
    [
      'a board came with its cards, its BMC and its UUID, and has the old serial number',
      showing({ mac: MAC(9), system_serial: 'SN-S', board_serial: 'B-NEW', bmc_mac: MAC(8) }, PROFILE),
      [aNode('s', [MAC(1)], { ...SMALL, board_serial: 'B-OLD', bmc_mac: MAC(3) })],
      'weak conflict',
    ],
    [
      'a cloned UUID, and the operator wants a person to see all other cards',
      showing({ mac: MAC(9), system_uuid: UUID, disk: 'D9' }, PROFILE),
      [cloned],
      'vetoed conflict',
      { vetoes: ['mac'] },
    ],
    [
      'a cloned UUID, where an operator says that so few points are enough',
      showing({ mac: MAC(9), system_uuid: UUID, disk: 'D9' }, PROFILE),
      [cloned],
      'match c',
      { threshold: 40 },
    ],
    [
      'a UUID that only spells the serial number is no second witness',
      showing({ mac: MAC(9), system_serial: 'ABCDEF', system_uuid: '41424344-4546-0000-0000-000000000001' }, PROFILE),
      [
        aNode('d', [MAC(1)], {
          serial_number: 'ABCDEF',
          system_uuid: '41424344-4546-0000-0000-000000000001',
          ...PROFILE,
        }),
      ],
      'weak conflict',
    ],
    ['a lowered threshold', showing({ mac: MAC(8), system_serial: 'SN-A' }), [known], 'match a', { threshold: 30 }],
    [
      'other weights',
      showing({ system_serial: 'SN-A' }),
      [known],
      'match a',
      { weights: { system_serial: { for: 120 } } },
    ],
    [
      'an ignored serial number',
      showing({ system_serial: 'SN-W' }),
      [waiting],
      'none',
      { ignoredValues: { any: ['sn-*'] } },
    ],
    [
      'one of its disks in a machine of one enclosure and model',
      showing({ mac: MAC(9), system_serial: 'SN-A', disk: ['D1', 'X2'] }, PROFILE),
      [known],
      'weak conflict',
    ],
    ['a second-hand disk', showing({ mac: MAC(9), disk: 'D1' }), [known], 'none'],
  ];
  for (const [what, evidence, nodes, expected, matching] of cases) {
    it(`${what}: ${expected}`, () => {
      const decision = decide(evidence, nodes, { preset: 'nodeless', ...matching });
      assert.equal(verdictOf(decision), expected, decision.reasons.join('\n'));
      assert.deepEqual(decision.reasons[0], decision.explanation.outcome);
    });
  }
});

describe('the preset ironic is the MAC lookup of Ironic', () => {
  const cases: [string, Evidence, Node[], string][] = [
    ['any MAC of one node', showing({ mac: [MAC(2), MAC(8)] }), [known, other], 'match a'],
    [
      'whatever else contradicts',
      showing({ mac: MAC(1), system_serial: 'SN-B', disk: 'X' }),
      [known, other],
      'match a',
    ],
    ['MACs of two nodes are not found', showing({ mac: [MAC(1), MAC(5)] }), [known, other], 'several conflict'],
    ['an unknown MAC is not found', showing({ mac: MAC(8), system_serial: 'SN-A' }), [known], 'none'],
    ['a serial number finds nothing', showing({ system_serial: 'SN-W' }), [waiting], 'none'],
  ];
  for (const [what, evidence, nodes, expected] of cases) {
    it(`${what}: ${expected}`, () => assert.equal(verdictOf(decide(evidence, nodes, { preset: 'ironic' })), expected));
  }
});

describe('the explanation', () => {
  it('says what moved, which points there are, what is missing, and what was ignored', () => {
    const shown = showing(
      { mac: [MAC(1), MAC(9)], system_serial: 'SN-A', system_uuid: UUID, disk: ['D1', 'D2'], asset_tag: 'N/A' },
      PROFILE,
    );
    const { explanation, reasons } = decide(shown, [known]);
    const [candidate] = explanation.candidates;
    assert.equal(candidate?.score, 100 + 50 + 50 + 60 + 20);
    assert.equal(candidate?.distance, candidate ? candidate.score - 100 : Number.NaN);
    const text = reasons.join('\n');
    assert.match(text, /^match: node a \(uuid-of-a\)\n/);
    assert.match(text, /1 of 6 identifiers moved: MAC 52:54:00:00:00:02 → 52:54:00:00:00:09/);
    assert.match(text, /for: serial number SN-A \(\+50\)/);
    assert.match(text, /asset tag N\/A is ignored: it is a placeholder/);
    assert.match(text, /MAC 52:54:00:00:00:09 is of no node/);
  });

  it('says why a cloned UUID is no node’s, and what a person can do about one that may be', () => {
    const other = decide(showing({ mac: MAC(9), system_uuid: UUID, disk: 'D9' }, PROFILE), [cloned]);
    assert.match(
      other.reasons[0] ?? '',
      /^no node: the system UUID of node c \(uuid-of-c\) is cloned, and more differs/,
    );
    const perhaps = decide(showing({ mac: MAC(9), system_uuid: UUID }, PROFILE), [cloned]);
    assert.match(perhaps.reasons[1] ?? '', /^a person decides: .* its system UUID stops nobody else$/);
  });

  it('says how many points are missing, and is plain data', () => {
    const { explanation, reasons } = decide(showing({ mac: MAC(8), system_serial: 'SN-A' }), [known]);
    assert.match(reasons[0] ?? '', /conflict: it is like node a \(uuid-of-a\), and 70 points short of a match/);
    assert.match(reasons.join('\n'), /against: MAC .* \(-20\)/);
    assert.deepEqual(JSON.parse(JSON.stringify(explanation)), explanation);
  });
});

describe('matching in the configuration', () => {
  const accepted: [string, object][] = [
    ['a preset', { preset: 'ironic' }],
    ['one weight', { weights: { mac: { for: 60 } }, threshold: 80 }],
    [
      'vetoes and ignored values',
      { vetoes: ['mac', 'system_uuid'], ignoredValues: { any: ['lab-*'], mac: ['02:00:*'] } },
    ],
  ];
  for (const [what, matching] of accepted) {
    it(`may be ${what}; the rest stays as it was`, () => {
      const { matching: used } = localConfiguration(configurationFile.parse({ matching }) as GivenConfiguration);
      assert.deepEqual(used, { preset: 'nodeless', ...matching });
      assert.equal(decide(showing({ mac: MAC(9) }), [known], used).verdict, 'none');
    });
  }

  const refused: [string, object][] = [
    ['an unknown preset', { preset: 'maas' }],
    ['a kind that is none', { weights: { hostname: { for: 1 } } }],
    ['negative points', { weights: { mac: { against: -5 } } }],
    ['a threshold that everybody reaches', { threshold: 0 }],
    ['a veto of nothing', { vetoes: ['hostname'] }],
    ['an unknown setting', { treshold: 80 }],
  ];
  for (const [what, matching] of refused) {
    it(`may not be ${what}`, () => assert.equal(configurationFile.safeParse({ matching }).success, false));
  }
});

describe('evidence', () => {
  it('comes from all that an inventory tells, normalised once', () => {
    const evidence = evidenceFromInventory(
      {
        interfaces: [
          {
            mac_address: 'AA-BB-CC-00-00-01',
            lldp: [
              [1, '04aa'],
              [2, '0531'],
            ],
          },
          { mac_address: null },
          { mac_address: '02:42:ac:11:00:02' },
        ],
        system_vendor: { serial_number: ' SN 1 ', product_name: 'R1', manufacturer: 'Example' },
        bmc_mac: 'AA:BB:CC:00:00:02',
        bmc_address: '0.0.0.0',
        disks: [
          { name: '/dev/sda', size: 2 ** 40, serial: 'D1' },
          { name: '/dev/sdb', size: 2 ** 41, wwn: '0xW2', serial: null },
        ],
      },
      {
        data: [
          ['system', 'product', 'uuid', UUID.toUpperCase()],
          ['system', 'product', 'serial', 'ignored: it has one'],
        ],
      },
    );
    assert.deepEqual(
      evidence.items.map(({ kind, value, source }) => `${kind} ${value} ${source}`),
      [
        'mac aa:bb:cc:00:00:01 inventory',
        'system_serial sn 1 inventory',
        'bmc_mac aa:bb:cc:00:00:02 inventory',
        'disk d1 inventory',
        'disk 0xw2 inventory',
        'lldp_slot 04aa/0531 inventory',
        `system_uuid ${UUID} extra-hardware`,
      ],
    );
    assert.deepEqual(evidence.ignored.map(({ kind }) => kind).sort(), ['bmc_address', 'mac']);
    const properties = propertiesOf(evidence);
    assert.deepEqual(
      [properties['serial_number'], properties['disk_serials'], properties['model'], properties['mac']],
      ['SN 1', ['D1', '0xW2'], 'R1', undefined],
    );
  });

  it('holds nothing that firmware shows when nobody filled it in', () => {
    for (const text of [
      'To be filled by O.E.M.',
      'NA',
      'Default string',
      '0000000000',
      '0123456789',
      'Not Specified',
      '...',
      '',
      '$',
      '0x00000000',
      '0xFFFFFFFF',
      '1111111',
      'xxxx',
      'AA-AA-AA',
      'N/A.',
      'Unspecified',
      '<BAD INDEX>',
      '<OUT OF SPEC>',
      'SerialNumber',
      'Serial',
      'ABCDEFG',
      '1234',
      'deadbeef',
    ]) {
      assert.deepEqual(showing({ system_serial: text }).items, [], text);
    }
    for (const uuid of ['0', 'f', 'F'].map((digit) => UUID.replaceAll(/[0-9a-f]/g, digit))) {
      assert.deepEqual(showing({ system_uuid: uuid }).items, [], uuid);
    }
    for (const mac of [
      'be:3a:f2:b6:05:9f',
      '02:42:00:00:00:01',
      '00:00:00:00:00:00',
      '01:00:5e:00:00:01',
      'ff:ff:ff:ff:ff:ff',
    ]) {
      assert.deepEqual(showing({ mac }).items, [], mac);
    }
    assert.deepEqual(showing({ mac: 'aa:aa:aa:aa:aa:aa' }).items, []);
    for (const serial of ['abc1234', '1111112', '0x0000a1', '777', '12345678a', '序列号一', '1']) {
      assert.equal(ignoredBecause('system_serial', serial), undefined, serial);
    }
    assert.equal(ignoredBecause('bmc_address', '1.1.1.1'), undefined);
    assert.match(ignoredBecause('system_serial', 'lab-7', { system_serial: ['LAB-*'] }) ?? '', /ignoredValues/);
    assert.equal(ignoredBecause('asset_tag', 'lab-7', { system_serial: ['lab-*'] }), undefined);
  });

  it('patterns have stars and nothing else', () => {
    const cases: [string, string, boolean][] = [
      ['a*c', 'abc', true],
      ['a*c', 'ac', true],
      ['a*a', 'a', false],
      ['*b*', 'abc', true],
      ['a.c', 'abc', false],
      ['*a*b*c', 'xaybzc', true],
      ['*ab*ab', 'xab', false],
      ['', '', true],
    ];
    for (const [glob, value, expected] of cases) assert.equal(fits(glob, value), expected, `${glob} ${value}`);
  });

  it('a UUID that is made of the serial number says so', () => {
    assert.equal(restates('4c4c4544-0042-3510-8050-b9c04f4d4d32', 'anything'), true);
    assert.equal(restates('38373035-3035-4d32-3235-333430394e56', 'm2253409nv'), true);
    assert.equal(restates(UUID, 'sn-1234'), false);
    assert.equal(restates(UUID, 'x'), false);
  });
});
