import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../differential/asking.ts';
import type { Reference } from '../differential/reference.ts';
import { post, put } from '../differential/request.ts';

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;
/** What follows a beat goes on after its 202. */
const SETTLES_MS = 200;
const MOST_TRIES = 20;

/**
 * A machine of a real Ironic that beats. Its beats are recorded and nothing follows, as of any ramdisk that waits: the
 * node is in maintenance. Nobody but a conductor can begin such a boot, so its token is put where Ironic keeps it.
 */
export async function ironicBeats(reference: Reference): Promise<{ cpuMsOf(beats: number): Promise<number> }> {
  const leader = Number(/pid (\d+)/.exec(reference.tell('status'))?.[1]);
  const file = /\S+\.sqlite/.exec(reference.tell('paths'))?.[0];
  if (!leader || file === undefined) throw new Error('the reference Ironic does not say its pid and its SQLite file');
  const made = await ask(reference.url, post('/nodes', { driver: 'fake-hardware', deploy_interface: 'direct' }));
  const { uuid } = (await made.json()) as { uuid: string };
  await ask(reference.url, put(`/nodes/${uuid}/maintenance`, {}));
  const token = randomBytes(32).toString('base64url');
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database
    .prepare("UPDATE nodes SET provision_state = 'clean wait', driver_internal_info = ? WHERE uuid = ?")
    .run(JSON.stringify({ agent_secret_token: token }), uuid);
  database.close();
  const body = { callback_url: 'https://10.0.0.5:9999', agent_token: token, agent_version: '13.0.0' };
  const beat = async () => {
    for (let tries = 1; ; tries += 1) {
      const { status } = await ask(reference.url, post(`/heartbeat/${uuid}`, body));
      await sleep(SETTLES_MS);
      if (status === 202) return;
      // It is busy with the beat before.
      const isBusy = status === 409 || status === 503;
      if (!isBusy || tries === MOST_TRIES) throw new Error(`the reference Ironic answered a heartbeat with ${status}`);
    }
  };
  await beat();
  return {
    /** What it also does while nobody asks is taken off. */
    async cpuMsOf(beats) {
      const [start, began] = [cpuMs(leader), performance.now()];
      for (let n = 0; n < beats; n += 1) await beat();
      const [busy, lasted] = [cpuMs(leader) - start, performance.now() - began];
      const rest = cpuMs(leader);
      await sleep(lasted);
      return (busy - (cpuMs(leader) - rest)) / beats;
    },
  };
}

/** User and system time of all processes of a group. */
function cpuMs(group: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(pid);
    if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK_MS;
}

/** From the state on: the name before it may have spaces. */
function statOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  } catch {
    return [];
  }
}
