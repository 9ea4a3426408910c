import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startRuntime } from '../../infra/local/runtime.ts';
import { type Asked, play, serverAt } from './asking.ts';
import { differences } from './compare.ts';
import { DELIBERATE } from './deliberate.ts';
import { recordedAnswers } from './recording.ts';
import { SCENARIOS } from './requests.ts';
import { reviewed } from './reviewed.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('Nodeless answers as the recorded Ironic did, but for the reviewed differences', async () => {
  const ironic = recordedAnswers();
  const runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silent, timeScale: 0.1 });
  try {
    const server = await serverAt(runtime.operatorUrl);
    const nodeless: Asked[] = [];
    for (const scenario of SCENARIOS) nodeless.push(...(await play(server, scenario)));
    assert.deepEqual(
      ironic.map(({ line }) => line),
      nodeless.map(({ line }) => line),
      'the list has changed: record anew with npm run test:differential -- --record',
    );
    const { unexplained, explained } = reviewed(ironic, nodeless);
    assert.deepEqual(unexplained, []);
    const stale = DELIBERATE.filter((one) => !explained.has(one)).map(({ reason }) => reason);
    assert.deepEqual(stale, [], 'nothing differs for these reasons any more');
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
