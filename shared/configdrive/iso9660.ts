/**
 * A small ISO 9660 image (ECMA-119, level 2) with Rock Ridge (RRIP 1991A) and Joliet names, so that every reader sees
 * `openstack/latest/meta_data.json` as it is written. No library of npm writes one that is alive and not experimental.
 */
const SECTOR = 2048;
/** Sectors of the descriptors and the four path tables (L and M, for either set of names). */
const PRIMARY = 16;
const JOLIET = 17;
const TABLES = 19;
const FIRST_DIRECTORY = 23;

interface File {
  name: string;
  bytes: Uint8Array;
  sector: number;
}
interface Directory {
  name: string;
  parent: Directory | undefined;
  directories: Directory[];
  files: File[];
  /** Its number in the path tables, and where its records lie. */
  number: number;
  sector: number;
  jolietSector: number;
}
type Names = 'primary' | 'joliet';

/** `files`: path → content. Throws `RangeError` when a directory has more entries than fit into one sector. */
export function iso9660(label: string, files: Readonly<Record<string, Uint8Array>>, madeAt: Date): Uint8Array {
  const directories = tree(files);
  let sector = FIRST_DIRECTORY;
  for (const directory of directories) directory.sector = sector++;
  for (const directory of directories) directory.jolietSector = sector++;
  for (const file of directories.flatMap((one) => one.files)) {
    file.sector = sector;
    sector += Math.ceil(file.bytes.length / SECTOR);
  }
  const image = new Uint8Array(sector * SECTOR);
  const put = (at: number, bytes: Uint8Array) => {
    if (bytes.length > SECTOR) throw new RangeError('a directory of this image has too many entries');
    image.set(bytes, at * SECTOR);
  };
  const sets: Names[] = ['primary', 'joliet'];
  for (const [index, names] of sets.entries()) {
    const tables = [pathTable(directories, names, true), pathTable(directories, names, false)] as const;
    put(TABLES + 2 * index, tables[0]);
    put(TABLES + 2 * index + 1, tables[1]);
    const size = tables[0].length;
    put(
      index === 0 ? PRIMARY : JOLIET,
      descriptor({ label, names, sectors: sector, size, root: directories[0], madeAt }),
    );
    for (const one of directories) put(place(one, names), records(one, names, madeAt));
  }
  put(JOLIET + 1, Uint8Array.of(255, ...ascii('CD001'), 1));
  for (const file of directories.flatMap((one) => one.files)) image.set(file.bytes, file.sector * SECTOR);
  return image;
}

/** Directories in the order of the path table: level by level, each level by parent and name. */
function tree(files: Readonly<Record<string, Uint8Array>>): Directory[] {
  const make = (name: string, parent?: Directory): Directory => ({
    name,
    parent,
    directories: [],
    files: [],
    number: 0,
    sector: 0,
    jolietSector: 0,
  });
  const root = make('');
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let directory = root;
    for (const part of parts) {
      let next = directory.directories.find((one) => one.name === part);
      if (!next) {
        next = make(part, directory);
        directory.directories.push(next);
      }
      directory = next;
    }
    directory.files.push({ name, bytes, sector: 0 });
  }
  const all = [root];
  for (const directory of all) {
    directory.number = all.indexOf(directory) + 1;
    all.push(...directory.directories.sort((a, b) => (isoName(a.name) < isoName(b.name) ? -1 : 1)));
  }
  return all;
}

const place = (directory: Directory, names: Names): number =>
  names === 'primary' ? directory.sector : directory.jolietSector;
const isoName = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');

function records(directory: Directory, names: Names, madeAt: Date): Uint8Array {
  const at = (one: Directory) => ({ sector: place(one, names), size: SECTOR, directory: true, names, madeAt });
  const parent = directory.parent ?? directory;
  const own = record({ ...at(directory), id: Uint8Array.of(0), real: directory.parent ? '' : 'root' });
  const up = record({ ...at(parent), id: Uint8Array.of(1), real: '' });
  const children = [
    ...directory.directories.map((one) => ({ ...at(one), id: idOf(one.name, names, true), real: one.name })),
    ...directory.files.map((file) => ({
      ...{ sector: file.sector, size: file.bytes.length, directory: false, names, madeAt },
      ...{ id: idOf(file.name, names, false), real: file.name },
    })),
  ];
  children.sort((a, b) => Buffer.compare(a.id, b.id));
  return Buffer.concat([own, up, ...children.map(record)]);
}

function idOf(name: string, names: Names, directory: boolean): Uint8Array {
  if (names === 'joliet') return ucs2(name);
  if (directory) return ascii(isoName(name));
  const [stem = '', extension = ''] = name.split('.');
  return ascii(`${isoName(stem)}.${isoName(extension)};1`);
}

interface Entry {
  id: Uint8Array;
  sector: number;
  size: number;
  directory: boolean;
  names: Names;
  /** Name for Rock Ridge; empty for `.` and `..`, `root` for the root's own entry. */
  real: string;
  madeAt: Date;
}

function record({ id, sector, size, directory, names, real, madeAt }: Entry): Uint8Array {
  const padded = id.length % 2 === 0 ? [...id, 0] : [...id];
  const system = names === 'primary' ? rockRidge(id, directory, real) : [];
  const body = [
    ...[0, ...both32(sector), ...both32(size)],
    ...[madeAt.getUTCFullYear() - 1900, madeAt.getUTCMonth() + 1, madeAt.getUTCDate()],
    ...[madeAt.getUTCHours(), madeAt.getUTCMinutes(), madeAt.getUTCSeconds(), 0],
    ...[directory ? 2 : 0, 0, 0, ...both16(1), id.length, ...padded, ...system],
  ];
  const odd = (body.length + 1) % 2;
  return Uint8Array.from([body.length + 1 + odd, ...body, ...(odd ? [0] : [])]);
}

/** SP and ER tell at the root that there is Rock Ridge; PX is the mode, NM the name. */
function rockRidge(id: Uint8Array, directory: boolean, real: string): number[] {
  const isDot = id.length === 1 && (id[0] ?? 2) < 2;
  const mode = directory ? 0o040555 : 0o100444;
  const px = [...ascii('PX'), 36, 1, ...both32(mode), ...both32(directory ? 2 : 1), ...both32(0), ...both32(0)];
  if (!isDot) return [...px, ...ascii('NM'), 5 + real.length, 1, 0, ...ascii(real)];
  if (real !== 'root') return px;
  const [name, about] = ['RRIP_1991A', 'ROCK RIDGE'];
  const er = [
    ...ascii('ER'),
    8 + name.length + about.length,
    1,
    name.length,
    about.length,
    0,
    1,
    ...ascii(name + about),
  ];
  return [...ascii('SP'), 7, 1, 0xbe, 0xef, 0, ...px, ...er];
}

function pathTable(directories: readonly Directory[], names: Names, little: boolean): Uint8Array {
  const rows = directories.map((one) => {
    const id = one.parent ? idOf(one.name, names, true) : Uint8Array.of(0);
    const row = Buffer.alloc(8 + id.length + (id.length % 2));
    row[0] = id.length;
    const parent = one.parent?.number ?? 1;
    little ? row.writeUInt32LE(place(one, names), 2) : row.writeUInt32BE(place(one, names), 2);
    little ? row.writeUInt16LE(parent, 6) : row.writeUInt16BE(parent, 6);
    row.set(id, 8);
    return row;
  });
  return Buffer.concat(rows);
}

function descriptor(given: {
  label: string;
  names: Names;
  sectors: number;
  size: number;
  root: Directory | undefined;
  madeAt: Date;
}): Uint8Array {
  const { label, names, sectors, size, root, madeAt } = given;
  const primary = names === 'primary';
  const text = (value: string, length: number) => {
    const bytes = primary ? ascii(value) : ucs2(value);
    const blank = primary ? [0x20] : [0, 0x20];
    return Uint8Array.from({ length }, (_, at) => bytes[at] ?? blank[at % blank.length] ?? 0);
  };
  const out = Buffer.alloc(SECTOR);
  out.set([primary ? 1 : 2, ...ascii('CD001'), 1]);
  out.set(text('', 32), 8);
  out.set(text(label, 32), 40);
  out.set(both32(sectors), 80);
  // UCS-2, level 3.
  if (!primary) out.set([0x25, 0x2f, 0x45], 88);
  out.set([...both16(1), ...both16(1), ...both16(SECTOR), ...both32(size)], 120);
  const table = TABLES + (primary ? 0 : 2);
  out.writeUInt32LE(table, 140);
  out.writeUInt32BE(table + 1, 148);
  if (root) {
    const sector = place(root, names);
    out.set(
      record({ id: Uint8Array.of(0), sector, size: SECTOR, directory: true, names: 'joliet', real: '', madeAt }),
      156,
    );
  }
  out.set(text('', 623), 190);
  const time = ascii(`${madeAt.toISOString().replaceAll(/\D/g, '').slice(0, 16)}`);
  for (const at of [813, 830]) out.set([...time, 0], at);
  for (const at of [847, 864]) out.set([...ascii('0'.repeat(16)), 0], at);
  out[881] = 1;
  return out;
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const ucs2 = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();

function both32(value: number): number[] {
  const out = Buffer.alloc(8);
  out.writeUInt32LE(value, 0);
  out.writeUInt32BE(value, 4);
  return [...out];
}

function both16(value: number): number[] {
  return [value & 255, value >> 8, value >> 8, value & 255];
}
