import { decide } from '../../shared/identity/decide.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

/** Explains one machine against 20 nodes that all share something with it, as often as it is told: for a counter of instructions. */
const CANDIDATES = 20;
const mac = (node: number, card: number) => `52:54:00:00:${(node + 16).toString(16)}:0${card}`;
const serial = (node: number) => `SN-${node}`;

const candidates: Node[] = Array.from({ length: CANDIDATES }, (_, n) =>
  newNode({
    uuid: `00000000-0000-0000-0000-0000000000${n + 10}`,
    name: `rack1-u${n}`,
    driver: 'redfish',
    created_at: '',
    interfaces: {},
    macs: [mac(n, 1), mac(n, 2), mac(n, 3), mac(n, 4)],
    properties: {
      serial_number: serial(n),
      system_uuid: '7d4f8c1a-3b5e-4f60-9a7b-c8d9e0f1a201',
      board_serial: `B-${n}`,
      bmc_mac: mac(n, 9),
      disk_serials: [`D-${n}-0`, `D-${n}-1`],
      vendor: 'Example',
      model: 'R1',
      cpu_arch: 'x86_64',
      cpus: 64,
      memory_mb: 262_144,
    },
  }),
);
const evidence = evidenceFromInventory({
  interfaces: candidates.slice(0, 8).map((_, n) => ({ mac_address: mac(n, 1) })),
  cpu: { architecture: 'x86_64', count: 64 },
  memory: { physical_mb: 262_144 },
  disks: [{ name: '/dev/sda', size: 2 ** 40, serial: 'D-1-0' }],
  bmc_mac: mac(3, 9),
  system_vendor: {
    manufacturer: 'Example',
    product_name: 'R1',
    serial_number: serial(2),
    system_uuid: '7d4f8c1a-3b5e-4f60-9a7b-c8d9e0f1a201',
    board_serial: 'B-4',
  },
});

const times = Number(process.argv[2] ?? 1);
let explained = 0;
for (let i = 0; i < times; i += 1) explained += decide(evidence, candidates).explanation.candidates.length;
if (explained !== CANDIDATES * times) throw new Error(`${explained} candidates were explained`);
