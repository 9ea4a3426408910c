import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../../infra/bundling/bundle.ts';
import { aMac } from '../contract/stores.ts';
import type { BenchSite } from './bench-site.ts';
import { canCount, instructions, PREDICTABLE } from './instructions.ts';
import type { Row } from './row.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FUNCTION = 'agent-heartbeat';
const BUDGET = 0.75;

/** Load and first answer of the heartbeat as it is deployed, beside the same source bundled with esbuild's defaults. */
export async function startupRows(site: BenchSite): Promise<Row[]> {
  const what = 'start of the heartbeat: load and first answer';
  const row = { what, unit: 'of a bundle with default options, in instructions', budget: BUDGET };
  if (!(await canCount())) return [{ ...row, measured: 0, note: 'not measured: needs valgrind' }];
  const deployed = bundle([FUNCTION]);
  const folder = await mkdtemp(join(tmpdir(), 'nodeless-startup-'));
  try {
    const program = join(folder, 'program.cjs');
    const usual = join(folder, 'index.js');
    const options = { bundle: true, platform: 'node', absWorkingDir: ROOT, logLevel: 'error' } as const;
    await build({ ...options, entryPoints: [join(import.meta.dirname, 'startup-program.ts')], outfile: program });
    await build({ ...options, entryPoints: [`functions/lambda/${FUNCTION}.ts`], outfile: usual });
    const event = JSON.stringify(await heartbeat(site));
    const env = environment(site);
    const empty = await instructions(program, [], { env, flags: PREDICTABLE });
    const count = async (one: string) =>
      (await instructions(program, [one, event], { env, flags: PREDICTABLE })) - empty;
    const ours = await count(join(deployed.folder, FUNCTION, 'index.js'));
    const theirs = await count(usual);
    const note = `${Math.round(ours / 1e6)} million of ${Math.round(theirs / 1e6)} million`;
    return [{ ...row, measured: Number((ours / theirs).toFixed(2)), note }];
  } finally {
    await Promise.all([folder, deployed.folder].map((one) => rm(one, { recursive: true, force: true })));
  }
}

/** The event of a beat of a machine that has beaten before. */
async function heartbeat(site: BenchSite) {
  const inventory = {
    interfaces: [{ name: 'eth0', mac_address: aMac() }],
    system_vendor: { serial_number: `SN-${randomUUID()}` },
  };
  const { body } = await site.ask('agent/lookup', { body: { inventory } });
  const { node, config } = body as { node: { uuid: string }; config: { agent_token: string } };
  const beat = { callback_url: 'https://10.0.0.5:9999', agent_token: config.agent_token, agent_version: '13.0.0' };
  await site.ask('agent/heartbeat', { params: { node: node.uuid }, body: beat });
  const path = `/v1/heartbeat/${node.uuid}`;
  const headers = { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': '1.68' };
  const requestContext = { domainName: '127.0.0.1', path: `/api${path}`, identity: { sourceIp: '10.0.0.5' } };
  return { httpMethod: 'POST', path, headers, body: JSON.stringify(beat), isBase64Encoded: false, requestContext };
}

const environment = ({ endpoint, names }: BenchSite): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AGENTS_TABLE: names.agents,
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:run',
  PATH: '/usr/local/bin:/usr/bin:/bin',
});
