import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventItem } from '../../shared/adapters/dynamodb/items.ts';
import { findOrEnrol } from '../../shared/enrollment/enrol.ts';
import { decidedFrom } from '../../shared/enrollment/kept-decision.ts';
import { type Evidence, evidenceOf } from '../../shared/identity/evidence.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { StrangerSite } from '../fakes/stranger-site.ts';

const MAC = '52:54:00:00:00:07';

describe('what the event of an enrolment keeps', () => {
  const shownBy = (cards: number, disks: number, text = '') =>
    evidenceFromInventory({
      interfaces: Array.from({ length: cards }, (_, at) => ({ mac_address: `52:54:00:00:00:${hex(at)}` })),
      cpu: { count: 64, architecture: 'x86_64' },
      memory: { physical_mb: 262_144 },
      disks: Array.from({ length: disks }, (_, at) => ({ size: 480_103_981_056, serial: `DISK-${at}${text}` })),
      system_vendor: {
        product_name: 'Bench 1',
        manufacturer: 'Nodeless',
        serial_number: `SN-${'f'.repeat(36)}${text}`,
      },
    });
  const hex = (at: number) => at.toString(16).padStart(2, '0');
  const enrolledBy = async (evidence: Evidence) => {
    const site = new StrangerSite();
    site.policies({ name: 'all', outcome: 'enroll' });
    const caller = { request: 'lookup', address: '10.7.0.1' } as const;
    const found = await findOrEnrol(evidence, caller, site.given);
    assert.ok(found.found);
    const [event] = await site.stores.nodes.events(found.node.uuid);
    assert.ok(event);
    return { event, decision: found.decision, item: eventItem(found.node.uuid, 1, 0, event) };
  };

  it('is one item of 1 KB for a usual machine, and the decision with its evidence again', async () => {
    const evidence = shownBy(8, 2);
    const { item, event, decision } = await enrolledBy(evidence);
    assert.ok(Buffer.byteLength(JSON.stringify(item)) <= 1024, `${Buffer.byteLength(JSON.stringify(item))} bytes`);
    const again = decidedFrom(event.detail);
    const values = ({ items }: Evidence) => items.map(({ kind, value, source }) => `${kind} ${value} ${source}`).sort();
    assert.deepEqual(values(again?.evidence ?? evidenceOf([])), values(evidence));
    assert.deepEqual([again?.evidence.profile, again?.explanation], [evidence.profile, decision.explanation]);
    assert.deepEqual([again?.reason, again?.source.address], ['policy all says enroll', '10.7.0.1']);
  });

  it('is bounded, whatever a machine shows, and says how much it left out', async () => {
    const { item, event } = await enrolledBy(shownBy(64, 16, 'x'.repeat(200)));
    assert.ok(Buffer.byteLength(JSON.stringify(item)) <= 4096, `${Buffer.byteLength(JSON.stringify(item))} bytes`);
    assert.ok(Number(event.detail['left_out']) > 10);
    const placeholders = Array.from({ length: 64 }, (_, at) => `02:42:00:00:00:${hex(at)}`);
    const ignored = await enrolledBy(
      evidenceOf([MAC, ...placeholders].map((text) => ({ kind: 'mac', text, source: 'query' }))),
    );
    assert.ok(Buffer.byteLength(JSON.stringify(ignored.item)) <= 4096);
  });
});
