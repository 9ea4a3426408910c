import { partitionImage } from '../drivers/image-complaint.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/**
 * `image_info` of `write_image` (contract §3.8) from what operators write into `instance_info`, or what is missing.
 * A checksum is mandatory; whole-disk images only.
 */
export function imageInfo(node: Node): JsonObject | { missing: string } {
  const info = node.instance_info;
  const source = text(info['image_source']);
  if (!source) return { missing: 'instance_info.image_source' };
  const partition = partitionImage(info);
  if (partition) return { missing: `a whole-disk image: ${partition}` };
  const algorithm = text(info['image_os_hash_algo']);
  const value = text(info['image_os_hash_value']);
  const checksum = text(info['image_checksum']);
  if (!(algorithm && value) && !checksum) {
    return { missing: 'instance_info.image_os_hash_algo with image_os_hash_value, or image_checksum' };
  }
  const format = text(info['image_disk_format']) ?? 'raw';
  return {
    // A temporary file name on the agent: no slash may be in it.
    id: source.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? 'image',
    urls: [source],
    disk_format: format,
    container_format: 'bare',
    stream_raw_images: format === 'raw',
    node_uuid: node.uuid,
    ...(algorithm && value ? { os_hash_algo: algorithm, os_hash_value: value } : {}),
    ...(checksum ? { checksum } : {}),
  };
}
