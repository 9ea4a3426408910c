import type { Configuration } from '../../shared/configuration.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Node } from '../../shared/node/node.ts';

/** What an agent may read of its own `instance_info`: never image URLs, config drives or secrets (contract §2.4). */
const INSTANCE_INFO = ['root_device', 'capabilities', 'deploy_boot_mode', 'image_type'];
const INTERNAL_INFO = ['deploy_boot_mode'];

const pick = (from: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));

export function nodeForLookup(node: Node, publicUrl: string): JsonObject {
  return {
    uuid: node.uuid,
    properties: node.properties,
    instance_info: pick(node.instance_info, INSTANCE_INFO),
    driver_internal_info: pick(node.driver_internal_info, INTERNAL_INFO),
    links: [{ href: `${publicUrl}/v1/nodes/${node.uuid}`, rel: 'self' }],
  };
}

/** Every key that some agent needs or reads, with Ironic's defaults (contract §1.8, §2.4); a missing one can kill it. */
export function configForLookup(
  token: string | null,
  heartbeatIntervalSeconds: number,
  { allowMd5Checksum }: Pick<Configuration, 'allowMd5Checksum'>,
): JsonObject {
  return {
    metrics: {
      backend: 'noop',
      prepend_host: false,
      prepend_uuid: false,
      prepend_host_reverse: true,
      global_prefix: null,
    },
    metrics_statsd: { statsd_host: 'localhost', statsd_port: 8125 },
    heartbeat_timeout: heartbeatIntervalSeconds,
    agent_containers: {
      allow_arbitrary_containers: false,
      allowed_containers: [],
      container_steps_file: '/etc/ironic-python-agent.d/mysteps.yaml',
      runner: 'podman',
      pull_options: [],
      run_options: ['--rm', '--network=host'],
    },
    agent_token: token,
    agent_token_required: true,
    agent_md5_checksum_enable: allowMd5Checksum,
    disable_deep_image_inspection: false,
    permitted_image_formats: ['raw', 'gpt', 'qcow2', 'iso'],
    agent_skip_bmc_detect: false,
    enable_bios_bootloader_install: false,
    tls_min_version: '1.2',
    tls_cipher_suites: null,
  };
}
