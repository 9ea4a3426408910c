/** A function that stays warm: answers its event as often as its parent says, and tells the CPU of one answer, in ms. */
import { createRequire } from 'node:module';

const [bundle = '', event = '{}'] = process.argv.slice(2);
const { handler } = createRequire(import.meta.url)(bundle);

process.on('message', async (times: number) => {
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) {
    const { statusCode } = await handler(JSON.parse(event), { getRemainingTimeInMillis: () => 28_000 });
    if (statusCode !== 202) throw new Error(`the heartbeat was answered ${statusCode}`);
  }
  const { user, system } = process.cpuUsage(before);
  process.send?.((user + system) / 1000 / times);
});
