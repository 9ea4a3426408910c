import type { Configuration } from '../configuration.ts';
import type { JsonObject } from '../json.ts';

export type ImageSettings = Pick<Configuration, 'allowMd5Checksum'>;

/** What the agent could not write, or would refuse after the machine has booted: the operator hears of it before a run starts. */
export function imageComplaint(uuid: string, info: JsonObject, settings: ImageSettings): string | undefined {
  const source = info.image_source;
  if (typeof source !== 'string' || source === '') {
    return (
      `Node ${uuid} failed to validate deploy image info. Some parameters were missing. ` +
      "Missing are: ['instance_info.image_source']"
    );
  }
  const partition = partitionImage(info);
  if (partition !== undefined) return `The image of node ${uuid} cannot be written: ${partition}`;
  const [algorithm, value] = [Boolean(info.image_os_hash_algo), Boolean(info.image_os_hash_value)];
  if (algorithm !== value || !(value || info.image_checksum)) {
    return (
      'image_source\'s "image_checksum", or "image_os_hash_algo" and "image_os_hash_value" ' +
      `must be provided in instance_info for node ${uuid}`
    );
  }
  if (settings.allowMd5Checksum || !isMd5(info)) return undefined;
  return (
    `The image of node ${uuid} has an MD5 checksum, and agents are told to take none: give a SHA-256 or SHA-512 instead, as ` +
    'image_checksum or as image_os_hash_value with its image_os_hash_algo; or set allowMd5Checksum in the configuration'
  );
}

/** Why it is no whole-disk image, by Ironic's signs: its type, or without one a kernel or a ramdisk beside it. */
export function partitionImage({ image_type: type, kernel, ramdisk }: JsonObject): string | undefined {
  const because = type ? type === 'partition' && 'image_type is partition' : (kernel || ramdisk) && BESIDE;
  if (!because) return undefined;
  return `it is a partition image (${because}), and only whole-disk images are written here; image_type whole-disk says that it is one`;
}
const BESIDE = 'a kernel or a ramdisk is given beside it';

/** As the agent takes it: the algorithm by its name, else by the length of the checksum, which may be a URL, too. */
function isMd5({ image_os_hash_algo: algorithm, image_checksum: checksum }: JsonObject): boolean {
  if (algorithm) return String(algorithm).toLowerCase() === 'md5';
  return typeof checksum === 'string' && /^[0-9a-f]{32}$/i.test(checksum.trim());
}
