import { randomUUID } from 'node:crypto';
import { aMac } from '../contract/stores.ts';
import type { BenchSite } from './bench-site.ts';

/** The gateway's event of a beat of a machine that has beaten before. */
export async function heartbeatEvent(site: BenchSite) {
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

/** What the function finds in its environment, with the site's engine instead of AWS. */
export const environmentOf = ({ endpoint, names }: BenchSite): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AGENTS_TABLE: names.agents,
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:run',
  PATH: '/usr/local/bin:/usr/bin:/bin',
});
