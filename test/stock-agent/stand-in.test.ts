import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const STAND_IN = join(import.meta.dirname, 'plugin', 'stand-in');
const root = mkdtempSync(join(tmpdir(), 'nodeless-stand-in-'));
after(() => rmSync(root, { recursive: true }));

const sector = Buffer.alloc(512);
sector.writeUInt16LE(0xaa55, 510);

const PARTITIONS = ['-PbioKNAME,UUID,PARTUUID,TYPE,LABEL'];
const CASES = [
  { tool: 'lsblk', options: ['--pairs', '--bytes', '--ascii'], prints: /^$/ },
  { tool: 'lsblk', options: ['-bia', '--json', '-oKNAME'], prints: /^\{"blockdevices": \[\]\}\n$/ },
  { tool: 'lsblk', options: PARTITIONS, prints: /^KNAME="esp" / },
  { tool: 'lsblk', options: ['-p', '-P', '-oKNAME,LABEL'], prints: /^$/ },
  { tool: 'parted', options: ['-s', '--', 'print'], prints: /^Partition Table: msdos\n$/ },
  { tool: 'parted', options: ['-s', '-m', 'unit', 'MiB', 'print'], prints: /^BYT;\n/ },
  { tool: 'partprobe', options: [], prints: /^$/ },
  { tool: 'partprobe', options: ['-d', '-s'], prints: /: msdos partitions 1\n$/ },
  { tool: 'blockdev', options: ['--getsize64'], prints: /^10737418240\n$/ },
  { tool: 'blockdev', options: ['--getss'], prints: /^512\n$/ },
] as const;

describe('a stand-in for a program of the host answers by its options, whatever the folder of the machine is called', () => {
  // Temporary folders get their names by chance: each of these once was, or could have been, taken for an option.
  for (const name of ['plain', 'rack-Js8Vak', 'rack-s01', 'a -m b', 'x--getss', 'y--json']) {
    const home = join(root, name);
    for (const { tool, options, prints } of CASES) {
      it(`${name}: ${tool} ${options.join(' ')}`, () => {
        mkdirSync(join(home, 'bin'), { recursive: true });
        writeFileSync(join(home, 'sda.img'), sector);
        const program = join(home, 'bin', tool);
        rmSync(program, { force: true });
        symlinkSync(STAND_IN, program);
        const env = { NODELESS_MACHINE: home, NODELESS_HOST_PATH: process.env['PATH'] ?? '' };
        assert.match(execFileSync(program, [join(home, 'sda.img'), ...options], { env, encoding: 'utf8' }), prints);
      });
    }
  }
});
