import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../infra/bundling/bundle.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { type Reference, startReference } from '../differential/reference.ts';
import type { BenchSite } from './bench-site.ts';
import { environmentOf, heartbeatEvent } from './heartbeat-event.ts';
import { ironicBeats } from './ironic-beats.ts';
import { latencies } from './latency.ts';
import type { Row } from './row.ts';

const FUNCTION = 'agent-heartbeat';
const UNIT = 'of a real Ironic’s in the same run';
const CPU: Row = { what: 'CPU of a heartbeat, handler, warm', unit: UNIT, budget: 1 / 25 };
const CALLS = ['show', 'list(100)', 'patch'];
const NEEDS = 'needs a real Ironic: its starter in NODELESS_REFERENCE_IRONIC';

/** What a real Ironic takes for the same: side by side, since figures alone would tell of the machine. */
export async function ironicRows(site: BenchSite): Promise<Row[]> {
  const { reference, why } = await started();
  if (!reference) {
    const timed = CALLS.map((call): Row => ({ what: `p50 of ${call}`, unit: UNIT, budget: 1, note: why }));
    return [{ ...CPU, note: why }, ...timed];
  }
  try {
    return [await heartbeatRow(site, reference), ...(await latencyRows(reference))];
  } finally {
    reference.stop();
  }
}

/** A starter that is there and fails is no fault of ours, and is told of. */
async function started(): Promise<{ reference?: Reference | undefined; why: string }> {
  try {
    return { reference: await startReference('--sqlite'), why: NEEDS };
  } catch (error) {
    return { why: `the reference Ironic did not start: ${error instanceof Error ? error.message : error}` };
  }
}

async function heartbeatRow(site: BenchSite, reference: Reference): Promise<Row> {
  const ironic = await ironicBeats(reference);
  const { folder } = bundle([FUNCTION]);
  const event = JSON.stringify(await heartbeatEvent(site));
  const child = fork(join(import.meta.dirname, 'warm-program.ts'), [join(folder, FUNCTION, 'index.js'), event], {
    env: environmentOf(site),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('the heartbeat function ended')));
  const beats = async (times: number): Promise<number> => {
    child.send(times);
    const [cpuMs] = await Promise.race([once(child, 'message'), gone]);
    return Number(cpuMs);
  };
  try {
    await beats(1000);
    // In turn, so that a moment in which the machine is slow is everybody's.
    let [ours, theirs] = [0, 0];
    const rounds = 3;
    for (let round = 0; round < rounds; round += 1) {
      ours += (await beats(1000)) / rounds;
      theirs += (await ironic.cpuMsOf(15)) / rounds;
    }
    const note = `${ours.toFixed(2)} ms beside ${theirs.toFixed(1)} ms`;
    return { ...CPU, measured: Number((ours / theirs).toFixed(3)), note };
  } finally {
    gone.catch(() => undefined);
    child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function latencyRows(reference: Reference): Promise<Row[]> {
  const runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog });
  try {
    const measured = await latencies(reference.url, runtime.operatorUrl);
    return measured.map(({ call, ironicMs, nodelessMs }) => ({
      what: `p50 of ${call}`,
      unit: UNIT,
      measured: Number((nodelessMs / ironicMs).toFixed(2)),
      ...(CALLS.includes(call) && { budget: 1 }),
      note: `${nodelessMs.toFixed(1)} ms beside ${ironicMs.toFixed(1)} ms`,
    }));
  } finally {
    await runtime.close();
  }
}
