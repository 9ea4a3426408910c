import { gzipSync } from 'node:zlib';
import { PayloadTooLarge } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import { iso9660 } from './iso9660.ts';

/** What cloud-init looks for. */
const LABEL = 'config-2';
/** Both are read: the dated one by the oldest cloud-init. */
const VERSIONS = ['2012-08-10', 'latest'];
/** The agent's partition for it (contract §3.8). */
const LARGEST_IMAGE_BYTES = 64 * 1024 * 1024;
/** Of base64: the exchange with the agent carries it in one piece (Lambda takes 6 MB). */
const LONGEST_CONFIG_DRIVE = 4 * 1024 * 1024;

/**
 * A config drive from its parts, as the agent wants it: base64 of a gzipped ISO 9660 image.
 * Throws `PayloadTooLarge`.
 */
export function buildConfigDrive(parts: JsonObject, node: Pick<Node, 'uuid' | 'name'>, madeAt: Date): string {
  const given = objectOf(parts['meta_data']);
  // cloud-init takes a machine for a new one when its uuid is another.
  const metaData = { uuid: node.uuid, ...(node.name === null ? {} : { name: node.name }), ...given };
  const contents: Record<string, Uint8Array | undefined> = {
    'meta_data.json': json(metaData),
    'network_data.json': present(parts['network_data']),
    user_data: userData(parts['user_data']),
    'vendor_data2.json': present(parts['vendor_data']),
  };
  const files: Record<string, Uint8Array> = {};
  for (const version of VERSIONS) {
    for (const [name, bytes] of Object.entries(contents)) {
      if (bytes !== undefined) files[`openstack/${version}/${name}`] = bytes;
    }
  }
  const image = iso9660(LABEL, files, madeAt);
  if (image.length > LARGEST_IMAGE_BYTES) throw tooLarge();
  return checkedLength(gzipSync(image).toString('base64'));
}

/** Throws `PayloadTooLarge` for what cannot be handed to an agent in one piece. */
export function checkedLength(drive: string): string {
  if (drive.length > LONGEST_CONFIG_DRIVE) throw tooLarge();
  return drive;
}

const tooLarge = () =>
  new PayloadTooLarge(
    `A config drive may have ${LONGEST_CONFIG_DRIVE} characters (base64 of gzip): put a larger one on a web server and ` +
      'give its URL',
  );

const json = (value: JsonValue): Uint8Array => Buffer.from(JSON.stringify(value));
const objectOf = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

function present(value: JsonValue | undefined): Uint8Array | undefined {
  const part = objectOf(value);
  return Object.keys(part).length === 0 ? undefined : json(part);
}

function userData(value: JsonValue | undefined): Uint8Array | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? Buffer.from(value) : json(value);
}
