import { gunzipSync } from 'node:zlib';
import { AgentError, invalidParams } from './faults.ts';
import { isObject, type Json } from './types.ts';

const NO_CHECKSUM =
  "Image checksum is not available, either the 'checksum' field or the 'os_hash_algo' and 'os_hash_value' fields " +
  'pair must be set for image verification.';

/** The validator of `standby.prepare_image`, and of the step `write_image` through it. */
export function validateImageInfo(info: unknown): Json {
  const image = isObject(info) ? info : {};
  for (const field of ['id', 'urls']) if (!(field in image)) throw invalidParams(`Image is missing '${field}' field.`);
  if (!Array.isArray(image.urls) || image.urls.length === 0)
    throw invalidParams("Image 'urls' must be a list with at least one element.");
  const filled = (key: string) => typeof image[key] === 'string' && image[key] !== '';
  if ('checksum' in image && !filled('checksum')) throw invalidParams("Image 'checksum' must be a non-empty string.");
  if (!('checksum' in image) && !('os_hash_algo' in image) && !('os_hash_value' in image))
    throw invalidParams(NO_CHECKSUM);
  if ('os_hash_algo' in image || 'os_hash_value' in image) {
    for (const key of ['os_hash_algo', 'os_hash_value'])
      if (!filled(key)) throw invalidParams(`Image '${key}' must be a non-empty string.`);
  }
  return image;
}

/** A config drive is a URL (not fetched here) or base64 of gzip; raw ISO and base64 of ISO fail as on metal. */
export function validateConfigDrive(drive: unknown, image: Json): void {
  if (drive === null || drive === undefined || drive === '') return;
  if (typeof drive === 'string' && /^https?:\/\//i.test(drive)) return;
  const node = typeof image.node_uuid === 'string' ? image.node_uuid : 'local';
  try {
    if (typeof drive !== 'string') throw new Error('not a string');
    gunzipSync(Buffer.from(drive, 'base64'));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new AgentError(
      'DeploymentError',
      500,
      'Deploy step failed',
      `Config drive for node ${node} is not base64 encoded or the content is malformed. Error: ${text}.`,
    );
  }
}
