import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { boots, nodeless, startService } from './command-line.ts';

const service = await startService();
after(() => service.close());
const env = { NODELESS_URL: service.operatorUrl };
const run = (...words: string[]) => nodeless(env, ...words);
/** Ids of what waits, of a filter. */
const waiting = async (...filter: string[]): Promise<string[]> =>
  (await run('inbox', ...filter, '--json')).json().inbox.map(({ uuid }: { uuid: string }) => uuid);

describe('nodeless', () => {
  it('inbox lists what waits for a person, and says what to do next', async () => {
    await boots(service, 1);
    const { exit, out, notes } = await run('inbox', 'serial=SN-1');
    assert.equal(exit, 0);
    assert.match(out, /held .*SN-1 .*Dell R640 .*52:54:00:00:00:01/);
    assert.match(notes, /approve <id>/);
  });

  it('inbox show and explain tell the evidence, the policy and why', async () => {
    await boots(service, 2);
    const [id = ''] = await waiting('serial=SN-2');
    const shown = await run('inbox', 'show', id);
    assert.match(shown.out, /Evidence:\n {2}mac 52:54:00:00:00:02 \(inventory\)/);
    assert.match(shown.out, / system_serial SN-2 \(inventory\)/);
    const explained = await run('explain', id, '--replay');
    assert.match(explained.out, /enrollment\.unknown is hold/);
    assert.match(explained.out, /Today it would be the same/);
    assert.equal((await run('explain', id, '--json')).json().subject, 'submission');
  });

  it('approve makes a node, and timeline tells the whole way to it', async () => {
    await boots(service, 3);
    const [id = ''] = await waiting('serial=SN-3');
    const shape = ['--driver', 'manual', '--name', 'rack1-u3', '--state', 'manageable', '--provide-when-present'];
    const why = ['--reason', 'ordered in May'];
    const approved = await run('approve', id, ...shape, '--property', 'rack=1', '--trait', 'CUSTOM_A', ...why);
    assert.equal(approved.exit, 0, approved.notes);
    assert.match(approved.out, /approved/);
    const node = (await run('node', 'rack1-u3', '--json')).json();
    assert.deepEqual([node.provision_state, node.properties.rack], ['manageable', '1']);
    assert.deepEqual(node.driver_info, { provide_when_present: true });
    assert.match(approved.notes, /Next: `npx nodeless nodes`/);
    assert.equal(await boots(service, 3), 200);
    assert.match(
      (await run('explain', 'rack1-u3')).out,
      /Becomes available by itself:\n {2}no: its agent is not present/,
    );

    await fetch(`${service.operatorUrl}/v1/nodes/rack1-u3/maintenance`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.90' },
      body: '{"reason": "a new fan"}',
    });
    const { timeline } = (await run('timeline', 'rack1-u3', '--json')).json();
    const types = timeline.map((one: { event_type: string }) => one.event_type);
    assert.deepEqual(types.slice(0, 3), ['submitted', 'decided', 'enrolled']);
    assert.match(JSON.stringify(timeline.at(-1)), /Maintenance set: a new fan/);
    const moments = timeline.map((one: { created_at: string }) => Date.parse(one.created_at));
    assert.deepEqual(moments, moments.toSorted());
    const told = await run('timeline', 'rack1-u3');
    assert.match(told.out, /operator .*ordered in May/);
    assert.match(told.notes, /npx nodeless node rack1-u3/);
    assert.match((await run('node', 'rack1-u3')).notes, /maintenance unset rack1-u3/);
    assert.match((await run('nodes')).notes, /1 of \d+ need a look/);
    assert.equal((await run('nodes', '--json')).notes, '');
  });

  it('approve --as-node gives an existing node other hardware', async () => {
    await boots(service, 4);
    const [id = ''] = await waiting('serial=SN-4');
    assert.equal((await run('approve', id, '--as-node', 'rack1-u3')).exit, 0);
    assert.equal((await run('inbox', 'show', id, '--json')).json().state, 'approved');
  });

  it('reject --all-matching lists first, and decides with --yes', async () => {
    for (const number of [10, 11, 12]) await boots(service, number, { vendor: 'Fabrikam' });
    const asked = await run('reject', '--all-matching', 'vendor=Fabrikam');
    assert.equal(asked.exit, 2);
    assert.match(asked.notes, /these 3\.\nRepeat with --yes/);
    assert.equal((await waiting('vendor=Fabrikam', 'state=held')).length, 3);
    const done = await run('reject', '--all-matching', 'vendor=Fabrikam', '--reason', 'not ours', '--yes', '--json');
    assert.equal(done.exit, 0);
    assert.equal(done.json().done.length, 3);
    assert.equal((await waiting('vendor=Fabrikam', 'state=held')).length, 0);
  });

  it('reject says which node is still answered, and its timeline who contradicts it', async () => {
    const mac = '52:54:00:00:00:04';
    await boots(service, 14, { mac });
    const [id = ''] = await waiting('serial=SN-14');
    const { exit, notes } = await run('reject', id);
    assert.equal(exit, 0);
    assert.match(notes, /Still answered: a lookup with 52:54:00:00:00:04 is of node rack1-u3, as before/);
    assert.match((await run('timeline', 'rack1-u3')).out, /conflict .*Another machine, or this one/);
    assert.equal((await run('reject', id, '--json')).notes, '');
  });

  it('decides on several ids, and says which could not be', async () => {
    await boots(service, 13);
    const [id = ''] = await waiting('serial=SN-13');
    const { exit, out, notes } = await run('reject', id, 'no-such-id');
    assert.equal(exit, 1);
    assert.match(out, /rejected/);
    assert.match(out, /no-such-id failed: .*could not be found/);
    assert.match(notes, /1 of 2/);
  });

  it('join-token shows the token once, lists its use, and revokes it', async () => {
    const made = await run('join-token', 'create', 'rack7', '--uses', '8', '--expires', '7d', '--model', 'R640');
    const token = /token +│ (\S+)/.exec(made.out)?.[1] ?? '';
    assert.equal(token.length, 43);
    const listed = await run('join-token', 'list');
    assert.match(listed.out, /rack7 .*valid .*0 of 8 .*R640/);
    assert.ok(!listed.out.includes(token));
    assert.equal((await run('join-token', 'revoke', 'rack7')).exit, 0);
    const [row] = (await run('join-token', 'list', '--json')).json().join_tokens;
    assert.equal(row.state, 'revoked');
  });

  it('join-token takes a range of serial numbers, and says what is wrong with one that is none', async () => {
    const made = await run('join-token', 'create', 'crate', '--serial', 'SN0100..SN0199', 'X*', '--json');
    assert.deepEqual(made.json().serials, ['SN0100..SN0199', 'X*']);
    const refused = await run('join-token', 'create', 'other', '--serial', 'SN0199..SN0100');
    assert.equal(refused.exit, 1);
    assert.match(refused.notes, /from the lower number to the higher/);
  });

  it('follows a list over its pages', async () => {
    for (let number = 0; number < 3; number += 1) await run('join-token', 'create', `page-${number}`);
    const { join_tokens: all } = (await run('join-token', 'list', '--json')).json();
    assert.ok(all.length >= 3);
    assert.match((await run('nodes', 'limit=1')).out, /rack1-u3/);
  });

  it('nothing that a machine calls itself steers the terminal', async () => {
    await boots(service, 20, { vendor: 'Evil\u001b[2J\u202eInc' });
    const { out } = await run('inbox', 'serial=SN-20');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looked for
    assert.doesNotMatch(out, /[\u001b\u202e]/);
  });
});
