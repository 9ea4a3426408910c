/** Reads an ISO 9660 image by the book (ECMA-119, RRIP, Joliet), from what is stored and not from how it was written. */
const SECTOR = 2048;

interface Image {
  label: string;
  rockRidge: Map<string, string>;
  joliet: Map<string, string>;
}

export function readIso(image: Buffer): Image {
  const descriptors = new Map<number, Buffer>();
  for (let sector = 16; ; sector += 1) {
    const descriptor = image.subarray(sector * SECTOR, (sector + 1) * SECTOR);
    if (descriptor.toString('latin1', 1, 6) !== 'CD001') throw new Error('no descriptor where one must be');
    if (descriptor[0] === 255) break;
    descriptors.set(descriptor[0] ?? 0, descriptor);
  }
  const primary = descriptors.get(1);
  const joliet = descriptors.get(2);
  if (!primary || !joliet) throw new Error('a descriptor is missing');
  if (primary.readUInt32LE(80) * SECTOR !== image.length) throw new Error('the size of the volume is wrong');
  return {
    label: primary.toString('latin1', 40, 72).trim(),
    rockRidge: walk(image, primary.subarray(156, 190), rockRidgeName),
    joliet: walk(image, joliet.subarray(156, 190), (record) =>
      Buffer.from(record.subarray(33, 33 + (record[32] ?? 0)))
        .swap16()
        .toString('utf16le'),
    ),
  };
}

function walk(image: Buffer, directory: Buffer, nameOf: (record: Buffer) => string): Map<string, string> {
  const files = new Map<string, string>();
  const at = directory.readUInt32LE(2) * SECTOR;
  const end = at + directory.readUInt32LE(10);
  for (let offset = at; offset < end && image[offset]; offset += image[offset] ?? 0) {
    const record = image.subarray(offset, offset + (image[offset] ?? 0));
    if (record.readUInt32LE(2) !== record.readUInt32BE(6)) throw new Error('the byte orders of a record disagree');
    if (record[32] === 1 && (record[33] ?? 2) < 2) continue;
    const name = nameOf(record);
    if (((record[25] ?? 0) & 2) !== 0) {
      for (const [path, content] of walk(image, record, nameOf)) files.set(`${name}/${path}`, content);
    } else {
      const start = record.readUInt32LE(2) * SECTOR;
      files.set(name, image.toString('utf8', start, start + record.readUInt32LE(10)));
    }
  }
  return files;
}

/** The NM entry among those of the System Use Sharing Protocol, behind the padded identifier. */
function rockRidgeName(record: Buffer): string {
  const length = record[32] ?? 0;
  for (let at = 33 + length + (length % 2 === 0 ? 1 : 0); at + 4 <= record.length; at += record[at + 2] || 4) {
    if (record.toString('latin1', at, at + 2) === 'NM')
      return record.toString('utf8', at + 5, at + (record[at + 2] ?? 5));
  }
  throw new Error('a record without a Rock Ridge name');
}
