import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULTS } from '../../shared/configuration.ts';
import { type Caller, judge } from '../../shared/enrollment/conditions.ts';
import { decideEnrolment, type EnrolmentCase } from '../../shared/enrollment/decide-enrolment.ts';
import { nameFrom } from '../../shared/enrollment/name-template.ts';
import { type Conditions, type Policy, policySchema } from '../../shared/enrollment/policy.ts';
import { decide } from '../../shared/identity/decide.ts';
import { type Evidence, evidenceOf } from '../../shared/identity/evidence.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { checkToken, type TokenCheck } from '../../shared/join-token/check-token.ts';
import { hashOf, idOf, isToken, type JoinToken, mintToken } from '../../shared/join-token/join-token.ts';
import { isWithin, rangeOf } from '../../shared/join-token/serial-range.ts';
import { newNode } from '../../shared/node/new-node.ts';

const MAC = '52:54:00:00:00:07';
const inspected = evidenceFromInventory({
  interfaces: [{ mac_address: MAC }],
  cpu: { count: 64, architecture: 'x86_64' },
  memory: { physical_mb: 262_144 },
  disks: [{ name: '/dev/sda', size: 500 * 2 ** 30 }],
  system_vendor: { manufacturer: 'Dell Inc.', product_name: 'PowerEdge R740', serial_number: 'ABC 123' },
});
const byMac: Evidence = evidenceOf([{ kind: 'mac', text: MAC, source: 'query' }]);
const policy = (name: string, more: Partial<Policy> = {}): Policy => ({
  name,
  conditions: {},
  outcome: 'enroll',
  node: {},
  limits: {},
  ...more,
});

function verdictOf(policies: Policy[], more: Partial<EnrolmentCase> = {}) {
  const { evidence = inspected } = more;
  const decision = decide(evidence, []);
  assert.notEqual(decision.verdict, 'match');
  return decideEnrolment({
    evidence,
    decision: decision as EnrolmentCase['decision'],
    caller: {},
    token: { verdict: 'none' },
    policies,
    settings: { ...DEFAULTS.enrollment, unknown: 'hold' },
    ...more,
  });
}

describe('a condition', () => {
  const table: [Conditions, Caller, 'holds' | 'fails', before: 'holds' | 'fails' | 'unknown'][] = [
    [{ vendor: 'dell*' }, {}, 'holds', 'unknown'],
    [{ vendor: ['HPE', 'Supermicro'] }, {}, 'fails', 'unknown'],
    [{ model: '*R740' }, {}, 'holds', 'unknown'],
    [{ serial: 'abc*' }, {}, 'holds', 'unknown'],
    [{ serial: 'X*' }, {}, 'fails', 'unknown'],
    [{ cpu_arch: 'x86_64' }, {}, 'holds', 'unknown'],
    [{ cpus: { min: 32 }, memory_mb: { min: 262_144, max: 262_144 } }, {}, 'holds', 'unknown'],
    [{ cpus: { max: 8 } }, {}, 'fails', 'unknown'],
    [{ local_gb: { min: 10_000 } }, {}, 'fails', 'unknown'],
    [{ mac_prefix: '52:54:00' }, {}, 'holds', 'holds'],
    [{ mac_prefix: ['aa-bb', '52-54-00*'] }, {}, 'holds', 'holds'],
    [{ mac_prefix: '54:00' }, {}, 'fails', 'fails'],
    [{ network: ['10.0.0.0/8', 'fd00::/8'] }, { address: '::ffff:10.1.2.3' }, 'holds', 'holds'],
    [{ network: ['10.0.0.0/8'] }, { address: '192.0.2.1' }, 'fails', 'fails'],
    [{ network: ['10.0.0.0/8'] }, {}, 'fails', 'fails'],
    [{ join_token: true }, { token: 'rack-7' }, 'holds', 'holds'],
    [{ join_token: 'rack-*' }, { token: 'rack-7' }, 'holds', 'holds'],
    [{ join_token: 'lab' }, { token: 'rack-7' }, 'fails', 'fails'],
    [{ join_token: true }, {}, 'fails', 'fails'],
    [{ join_token: false }, { token: 'rack-7' }, 'fails', 'fails'],
    [{ join_token: false }, {}, 'holds', 'holds'],
    // What is known to fail counts more than what is not known yet.
    [{ vendor: 'Dell*', network: ['10.0.0.0/8'] }, { address: '192.0.2.1' }, 'fails', 'fails'],
  ];
  for (const [conditions, caller, after, before] of table) {
    it(`${JSON.stringify(conditions)} ${after} for ${JSON.stringify(caller)}; before an inspection: ${before}`, () => {
      assert.equal(judge(conditions, inspected, caller).verdict, after);
      assert.equal(judge(conditions, byMac, caller).verdict, before);
    });
  }

  it('on what an inventory does not tell fails, and says so', () => {
    const bare = evidenceFromInventory({ interfaces: [{ mac_address: MAC }] });
    assert.deepEqual(judge({ vendor: '*' }, bare, {}), { verdict: 'fails', why: 'it shows no vendor' });
  });
});

describe('policies', () => {
  it('are asked in order: the first that applies wins, and the others are named with their reasons', () => {
    const verdict = verdictOf(
      [
        policy('hp', { conditions: { vendor: 'HPE' }, outcome: 'deny' }),
        policy('full', { limits: { max: 2 } }),
        policy('dell', { conditions: { vendor: 'Dell*' } }),
        policy('rest', { outcome: 'deny' }),
      ],
      { full: new Set(['full']) },
    );
    assert.deepEqual([verdict.outcome, verdict.policy?.name], ['enroll', 'dell']);
    assert.deepEqual(verdict.passed, [
      { policy: 'hp', why: 'its vendor is Dell Inc.' },
      { policy: 'full', why: 'it has enrolled its 2 nodes' },
    ]);
  });

  it('end with enrollment.unknown', () => {
    for (const unknown of ['enroll', 'hold', 'deny'] as const) {
      const { outcome, reason } = verdictOf([], { settings: { ...DEFAULTS.enrollment, unknown } });
      assert.deepEqual([outcome, reason], [unknown, `enrollment.unknown is ${unknown}`]);
    }
  });

  it('wait for the inventory that one of them asks for: a MAC alone slips past no denial', () => {
    const deny = policy('no-dell', { conditions: { vendor: 'Dell*' }, outcome: 'deny' });
    const before = verdictOf([deny, policy('all')], { evidence: byMac });
    assert.deepEqual([before.outcome, before.policy?.name], ['wait', 'no-dell']);
    assert.equal(verdictOf([deny, policy('all')]).outcome, 'deny');
  });

  it('are not asked about a conflict or about a machine without a MAC: a person is', () => {
    const node = (uuid: string, mac: string) => ({
      ...newNode({ uuid, driver: 'manual', created_at: '', interfaces: {} }),
      macs: [mac],
    });
    const evidence = evidenceOf([MAC, '52:54:00:00:00:08'].map((text) => ({ kind: 'mac', text, source: 'query' })));
    const conflict = decide(evidence, [node('a', MAC), node('b', '52:54:00:00:00:08')]);
    const decision = conflict as EnrolmentCase['decision'];
    assert.equal(verdictOf([policy('all')], { evidence, decision }).outcome, 'hold');
    const bare = evidenceOf([{ kind: 'system_serial', text: 'ABC 123', source: 'query' }]);
    assert.match(verdictOf([policy('all')], { evidence: bare }).reason, /^it showed no MAC/);
  });

  it('say what is wrong with them', () => {
    const wrong: [unknown, RegExp][] = [
      [{ name: 'a b', outcome: 'hold' }, /letters/],
      [{ name: 'x', outcome: 'maybe' }, /Invalid/],
      [{ name: 'x', outcome: 'hook' }, /hook needs it/],
      [{ name: 'x', outcome: 'hold', conditions: { colour: 'red' } }, /Unrecognized/],
      [{ name: 'x', outcome: 'enroll', node: { name: '{constructor}' } }, /\{vendor\}/],
      [{ name: 'x', outcome: 'enroll', node: { name: `\${process.exit()}` } }, /\{vendor\}/],
      [{ name: 'x', outcome: 'hold', conditions: { network: ['here'] } }, /Invalid/],
    ];
    for (const [given, why] of wrong) {
      const { success, error } = policySchema.safeParse(given);
      assert.equal(success, false, JSON.stringify(given));
      assert.match(JSON.stringify(error?.issues), why);
    }
  });

  it('never enrol what an earlier one denies, wherever it stands in a longer list', () => {
    const outcome = fc.constantFrom('enroll', 'hold', 'deny' as const);
    const vendors = fc.constantFrom('Dell*', 'HPE', undefined);
    const some = fc.array(fc.record({ outcome, vendor: vendors }), { maxLength: 12 });
    fc.assert(
      fc.property(some, (rows) => {
        const policies = rows.map((row, i) =>
          policy(`p${i}`, {
            outcome: row.outcome as Policy['outcome'],
            conditions: row.vendor === undefined ? {} : { vendor: row.vendor },
          }),
        );
        const verdict = verdictOf(policies);
        const first = policies.find(({ conditions }) => conditions.vendor !== 'HPE');
        assert.equal(verdict.outcome, first?.outcome ?? 'hold');
        // The same without an inventory: never let in by a policy behind one that could deny.
        const early = verdictOf(policies, { evidence: byMac });
        const open = policies.findIndex(({ conditions }) => conditions.vendor === undefined);
        const asks = policies.findIndex(({ conditions }) => conditions.vendor !== undefined);
        if (asks >= 0 && (open < 0 || asks < open)) assert.equal(early.outcome, 'wait');
      }),
    );
  });
});

describe('a name template', () => {
  it('is filled in from the evidence', () => {
    assert.equal(nameFrom('{vendor}-{serial}', inspected), 'dell-inc-abc-123');
    assert.equal(nameFrom('rack7.{mac}', inspected), 'rack7.525400000007');
  });
  it('gives no name when the machine does not show a field', () => {
    assert.equal(nameFrom('{asset_tag}', inspected), null);
    assert.equal(nameFrom('{serial}', byMac), null);
  });
  it('never gives anything but a name, whatever a machine says', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (vendor, serial) => {
        const evidence = evidenceFromInventory({
          interfaces: [{ mac_address: MAC }],
          system_vendor: { manufacturer: vendor, serial_number: serial },
        });
        const name = nameFrom('{vendor}-{serial}', evidence);
        assert.ok(name === null || /^[a-z0-9_][a-z0-9._-]{0,199}$/.test(name), JSON.stringify(name));
      }),
    );
  });
});

describe('a join token', () => {
  const NOW = Date.parse('2026-06-01T00:00:00Z');
  const row = (more: Partial<JoinToken> = {}): JoinToken => ({
    uuid: 'token',
    name: 'rack-7',
    description: null,
    hash: '',
    expires_at: null,
    uses: null,
    used: 0,
    serials: [],
    models: [],
    policy: null,
    revoked_at: null,
    revoked_by: null,
    created_by: null,
    created_at: '',
    updated_at: null,
    version: 1,
    schema: 1,
    ...more,
  });
  const table: [string, JoinToken | undefined, Evidence, TokenCheck['verdict'], RegExp?][] = [
    ['unknown', undefined, inspected, 'refused', /unknown/],
    ['good', row(), byMac, 'good'],
    ['expired', row({ expires_at: '2026-05-31T23:59:59Z' }), inspected, 'refused', /expired/],
    ['not expired', row({ expires_at: '2026-06-01T00:00:01Z' }), inspected, 'good'],
    ['revoked', row({ revoked_at: '2026-05-01T00:00:00Z' }), inspected, 'refused', /revoked/],
    ['used up', row({ uses: 2, used: 2 }), inspected, 'refused', /used up/],
    ['not used up', row({ uses: 2, used: 1 }), inspected, 'good'],
    ['for its model', row({ models: ['*r740'] }), inspected, 'good'],
    ['for another model', row({ models: ['DL380*'] }), inspected, 'refused', /not for the model PowerEdge R740/],
    ['for its serial number', row({ serials: ['ABC*'] }), inspected, 'good'],
    ['for another serial number', row({ serials: ['XYZ*'] }), inspected, 'refused', /not for the serial number/],
    ['for a range around it', row({ serials: ['XYZ*', 'abc 001..abc 123'] }), inspected, 'good'],
    ['for a range above it', row({ serials: ['ABC 124..ABC 999'] }), inspected, 'refused', /not for the serial number/],
    ['for a range of models', row({ models: ['PowerEdge R700..PowerEdge R799'] }), inspected, 'good'],
    ['kept from before there were ranges, with none', row({ serials: ['ABC..'] }), inspected, 'refused', /not for/],
    [
      'for a range, before the inspection',
      row({ serials: ['ABC 001..ABC 999'] }),
      byMac,
      'wait',
      /after an inspection/,
    ],
    ['ranged, before the inspection', row({ models: ['*R740'] }), byMac, 'wait', /after an inspection/],
  ];
  for (const [name, token, evidence, verdict, why] of table) {
    it(`that is ${name}: ${verdict}`, () => {
      const check = checkToken(token, evidence, NOW);
      assert.equal(check.verdict, verdict);
      if (why) assert.match('why' in check ? check.why : '', why);
      const { outcome } = verdictOf([policy('all', { outcome: 'enroll' })], { evidence, token: check });
      assert.equal(outcome, { refused: 'deny', wait: 'wait', good: 'enroll', none: 'enroll' }[verdict]);
    });
  }

  it('that names a policy leads to that one only; without one it enrols where no policy says otherwise', () => {
    const good = (name: string | null): TokenCheck => ({
      verdict: 'good',
      uuid: 'token',
      name: 'rack-7',
      policy: name,
    });
    const policies = [policy('lab', { outcome: 'hold' }), policy('gold', { node: { resource_class: 'gold' } })];
    assert.equal(verdictOf(policies, { token: good('gold') }).policy?.name, 'gold');
    assert.equal(verdictOf(policies, { token: good('gone') }).outcome, 'deny');
    assert.equal(verdictOf(policies, { token: good(null) }).outcome, 'hold');
    assert.equal(verdictOf([], { token: good(null), caller: { token: 'rack-7' } }).reason, 'join token rack-7');
  });

  it('is 32 random bytes, of which only a hash is kept', () => {
    const token = mintToken();
    assert.equal(Buffer.from(token, 'base64url').length, 32);
    assert.ok(isToken(token) && !hashOf(token).includes(token) && !idOf(token).includes(token));
    assert.match(idOf(token), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const bad of ['', ' ', 'short', `${token}=`, `${token.slice(1)}/`, '../../etc']) assert.ok(!isToken(bad), bad);
  });
});

describe('a range of serial numbers', () => {
  const cases: [string, string, boolean][] = [
    ['SN0100..SN0199', 'SN0100', true],
    ['SN0100..SN0199', 'SN0199', true],
    ['SN0100..SN0199', 'sn0150', true],
    ['SN0100..SN0199', 'SN0099', false],
    ['SN0100..SN0199', 'SN0200', false],
    ['SN0100..SN0199', 'SN150', false],
    ['SN0100..SN0199', 'SN00150', false],
    ['SN0100..SN0199', 'SX0150', false],
    ['SN0100..SN0199', 'SN0150A', false],
    ['SN0100..SN0199', 'XSN0150', false],
    ['SN9..SN11', 'SN10', true],
    ['SN9..SN11', 'SN8', false],
    ['SN9..SN11', 'SN12', false],
    ['SN9..SN11', 'SN010', false],
    ['SN7..SN7', 'SN7', true],
    ['A1-01..A1-20', 'A1-07', true],
    ['A1-01..A1-20', 'A2-07', false],
    ['99999999999999999998..100000000000000000001', '99999999999999999999', true],
    ['99999999999999999998..100000000000000000001', '100000000000000000002', false],
  ];
  for (const [text, serial, expected] of cases) {
    it(`${text} ${expected ? 'holds' : 'does not hold'} ${serial}`, () => {
      const range = rangeOf(text);
      assert.ok(typeof range !== 'string', String(range));
      assert.equal(isWithin(range, serial), expected);
    });
  }

  const refused: [string, RegExp][] = [
    ['..', /in digits/],
    ['SN1..', /in digits/],
    ['SN1..SNX', /in digits/],
    ['SN1..SN2..SN3', /in digits/],
    ['SN1..SX9', /begin alike/],
    ['S*1..S*9', /no \*/],
    ['SN9..SN1', /lower number/],
    ['SN10..SN9', /lower number/],
    ['SN01..SN100', /as many digits/],
  ];
  for (const [text, why] of refused) it(`is not ${text}`, () => assert.match(String(rangeOf(text)), why));
});
