import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { type Asked, play, serverAt } from './asking.ts';
import { differences } from './compare.ts';
import { recordedAnswers } from './recording.ts';
import { SCENARIOS } from './requests.ts';
import { reviewed, shortcomings } from './reviewed.ts';

test('Nodeless answers as the recorded Ironic did, but for the reviewed differences', async () => {
  const ironic = recordedAnswers();
  const runtime = await startRuntime({
    operatorPort: 0,
    agentPort: 0,
    host: '127.0.0.1',
    log: silentLog,
    timeScale: 0.1,
  });
  try {
    const server = await serverAt(runtime.operatorUrl);
    const nodeless: Asked[] = [];
    for (const scenario of SCENARIOS) nodeless.push(...(await play(server, scenario)));
    assert.deepEqual(
      ironic.map(({ line }) => line),
      nodeless.map(({ line }) => line),
      'the list has changed: record anew with npm run test:differential -- --record',
    );
    const review = reviewed(ironic, nodeless);
    assert.deepEqual(review.unexplained, []);
    const names = { ironic: 'the recorded Ironic', nodeless: server.name };
    assert.deepEqual(shortcomings(names, review, { requests: ironic.length, everything: true }), []);
  } finally {
    await runtime.close();
  }
});

test('a difference in status, header, field or order is seen', () => {
  const answer = { status: 200, headers: { location: 'a' }, body: { nodes: [{ name: 'a' }, { name: 'b' }] } };
  const places = (other: object) => differences(answer, { ...answer, ...other }).map(({ at }) => at);
  assert.deepEqual(places({}), []);
  assert.deepEqual(places({ status: 404, body: '' }), ['status']);
  assert.deepEqual(places({ headers: {} }), ['header location']);
  assert.deepEqual(places({ body: { nodes: [{ name: 'b' }, { name: 'a' }] } }), [
    'body.nodes[0].name',
    'body.nodes[1].name',
  ]);
  assert.deepEqual(places({ body: { nodes: [{ name: 'a' }] } }), ['body.nodes[1]']);
});

test('a run that compared nothing, or itself, is no success', () => {
  const names = { ironic: 'OpenStack Ironic API', nodeless: 'Nodeless' };
  const asked = (line: string, status: number): Asked => ({ line, answer: { status, headers: {}, body: '' } });
  const one = reviewed([asked('x', 200)], [asked('x', 200)]);
  const part = { requests: 1, everything: false };
  assert.deepEqual(shortcomings(names, one, part), []);
  assert.match(shortcomings({ ...names, nodeless: names.ironic }, one, part).join(), /compared were/);
  assert.match(shortcomings({ ...names, ironic: names.nodeless }, one, part).join(), /compared were/);
  assert.match(shortcomings(names, one, { ...part, requests: 2 }).join(), /1 of 2 requests/);
  assert.match(shortcomings(names, reviewed([], []), part).join(), /nothing was compared/);
  assert.match(shortcomings(names, one, { ...part, everything: true }).join(), /nothing differs any more/);
  const other = reviewed([asked('x', 200)], [asked('x', 404)]);
  assert.match(shortcomings(names, other, part).join(), /1 differences have no reason/);
  assert.throws(() => reviewed([asked('x', 200)], []));
  assert.throws(() => reviewed([asked('x', 200)], [asked('y', 200)]));
});
