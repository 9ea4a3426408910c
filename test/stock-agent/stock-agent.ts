import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietPort } from '../../infra/local/quiet-port.ts';

const PLUGIN = join(import.meta.dirname, 'plugin');
const TOOLS = [
  'bash biosdevname blkid blockdev cat chronyc cp date dd df dmesg dmidecode du efibootmgr ethtool findfs fuser',
  'hexdump hwclock ip ipmitool journalctl ldconfig lldpctl losetup ls lsblk lshw lspci lsusb mdadm mkfs modprobe mount',
  'multipath parted partprobe partx poweroff ps qemu-img reboot sgdisk sh sync test udevadm umount uname wipefs',
].flatMap((line) => line.split(' '));
/** Ends the agent when we end, however we end: its standard input closes then. */
const DIE_WITH_US = 'exec 3<&0; { read -r _ <&3; kill -9 $$; } & exec "$@" </dev/null 3<&-';

export interface MachineOptions {
  /** A folder of its own; everything that the agent writes is in it. */
  folder: string;
  agentUrl: string;
  macs: string[];
  serial: string;
  /** `parameters.txt` of the medium beside the ISO that it boots from; then its command line says nothing more. */
  medium?: string;
  /** Tells what it is before it asks who it is. */
  inspects?: boolean;
  /** Puts a step of ten minutes into its deploys, at this priority. */
  dawdlePriority?: number;
  /** Where it says that it listens, when somebody stands in between. */
  advertisePort?: number;
}

/** A pretended machine with an unmodified ironic-python-agent. */
export class StockAgent {
  readonly #given: MachineOptions;
  readonly #executable: string;
  #process: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(executable: string, given: MachineOptions) {
    this.#executable = executable;
    this.#given = given;
  }

  /** Where it listens. */
  port = 0;

  async boot(): Promise<void> {
    const { folder } = this.#given;
    this.port = await quietPort();
    this.#prepare(this.port);
    const out = openSync(this.#path('agent.out'), 'a');
    const command = [this.#executable, '--config-file', this.#path('agent.conf')];
    const host = process.env.PATH ?? '';
    const child = spawn('/bin/sh', ['-c', DIE_WITH_US, 'agent', ...command], {
      cwd: folder,
      stdio: ['pipe', out, out],
      env: {
        PATH: join(folder, 'bin'),
        HOME: folder,
        TMPDIR: join(folder, 'tmp'),
        LANG: 'C.UTF-8',
        PYTHONPATH: PLUGIN,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONWARNINGS: 'ignore',
        NODELESS_MACHINE: folder,
        NODELESS_HOST_PATH: `${host}:/usr/sbin:/sbin`,
      },
    });
    this.#process = child;
    this.#gone = new Promise((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  }

  /** The plug is pulled. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#gone;
    this.#process?.stdin?.destroy();
  }

  /** When it has ended, however. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /** Hangs, or goes on. */
  freeze(frozen: boolean): void {
    this.#process?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Whether it was told to give the machine to a person with a password. */
  get rescued(): boolean {
    return existsSync(this.#path('rescue-password'));
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** `power_off` or `reboot`, when the agent was told so. */
  get powerEvent(): string | undefined {
    return this.#read('power-event')?.trim();
  }

  /** What the guard stopped: nothing, if all is well. */
  get refused(): string | undefined {
    return this.#read('refused');
  }

  get disk(): Buffer {
    return readFileSync(this.#path('sda.img'));
  }

  /** The last words, for a test that failed. */
  get log(): string {
    return this.fullLog.split('\n').slice(-40).join('\n');
  }

  get fullLog(): string {
    return this.#read('agent.log') ?? this.#read('agent.out') ?? '';
  }

  #path(name: string): string {
    return join(this.#given.folder, name);
  }

  #read(name: string): string | undefined {
    return existsSync(this.#path(name)) ? readFileSync(this.#path(name), 'utf8') : undefined;
  }

  #prepare(port: number): void {
    const { agentUrl, macs, serial, dawdlePriority, inspects, medium } = this.#given;
    for (const left of ['power-event', 'rescue-password', 'rescued', 'parameters.txt'])
      rmSync(this.#path(left), { force: true });
    for (const folder of ['bin', 'tmp']) mkdirSync(this.#path(folder), { recursive: true });
    for (const tool of TOOLS) {
      const link = join(this.#path('bin'), tool);
      if (!existsSync(link)) symlinkSync(join(PLUGIN, 'stand-in'), link);
    }
    writeFileSync(this.#path('machine.json'), JSON.stringify({ macs, serial, dawdlePriority }));
    if (!existsSync(this.#path('sda.img'))) writeFileSync(this.#path('sda.img'), '');
    const inspection = inspects ? ` ipa-inspection-callback-url=${agentUrl}/v1/continue_inspection` : '';
    const told = medium === undefined ? `ipa-api-url=${agentUrl}${inspection}` : 'boot_method=vmedia';
    if (medium !== undefined) writeFileSync(this.#path('parameters.txt'), medium);
    writeFileSync(this.#path('cmdline'), `${told} BOOTIF=01-${macs[0]?.replaceAll(':', '-')}`);
    writeFileSync(
      this.#path('agent.conf'),
      `[DEFAULT]
debug = true
use_stderr = false
log_file = ${this.#path('agent.log')}
listen_host = 127.0.0.1
listen_port = ${port}
advertise_host = 127.0.0.1
advertise_port = ${this.#given.advertisePort ?? port}
enable_auto_tls = true
lookup_timeout = 600
lookup_interval = 1
disk_wait_attempts = 0
inspection_dhcp_wait_timeout = 0
${inspects ? 'inspection_collectors = default' : ''}
`,
    );
  }
}
