import type { BootDevice, MachineEvent, MachineOptions, MachineState } from './types.ts';
import { VirtualMachine } from './virtual-machine.ts';

export type RackDefaults = Omit<MachineOptions, 'macs' | 'serial' | 'onEvent'>;
export type RackMachineOptions = Partial<MachineOptions> & Pick<MachineOptions, 'macs' | 'serial'>;
export type Listener = (event: MachineEvent) => void;

/** Several machines and the power controller that knows them by serial number. */
export class Rack {
  readonly machines: VirtualMachine[] = [];
  readonly #defaults: RackDefaults;
  readonly #listeners = new Set<Listener>();

  constructor(defaults: RackDefaults) {
    this.#defaults = defaults;
  }

  /** Two machines may have the same MAC, as happens; not the same serial number. */
  add(options: RackMachineOptions): VirtualMachine {
    const { onEvent } = options;
    const machine = new VirtualMachine({
      ...this.#defaults,
      ...options,
      onEvent: (event) => {
        onEvent?.(event);
        for (const listener of this.#listeners) listener(event);
      },
    });
    if (this.machines.some(({ serial }) => serial === machine.serial))
      throw new Error(`the rack has a machine ${machine.serial} already`);
    this.machines.push(machine);
    return machine;
  }

  /** So many machines with made-up MACs, for load. */
  fill(count: number, options: Partial<MachineOptions> = {}): VirtualMachine[] {
    return Array.from({ length: count }, () => {
      const number = this.machines.length + 1;
      const bytes = [number >> 16, number >> 8, number].map((value) => (value & 255).toString(16).padStart(2, '0'));
      return this.add({
        ...options,
        macs: [`52:54:00:${bytes.join(':')}`],
        serial: `VM${String(number).padStart(5, '0')}`,
      });
    });
  }

  machine(serial: string): VirtualMachine {
    const found = this.machines.find((candidate) => candidate.serial === serial);
    if (!found) throw new Error(`no machine ${serial} in the rack`);
    return found;
  }

  powerOn(serial: string): void {
    this.machine(serial).powerOn();
  }

  powerOff(serial: string): Promise<void> {
    return this.machine(serial).powerOff();
  }

  reboot(serial: string): Promise<void> {
    return this.machine(serial).reboot();
  }

  powerState(serial: string): 'on' | 'off' {
    return this.machine(serial).state === 'off' ? 'off' : 'on';
  }

  setBootDevice(serial: string, device: BootDevice | 'auto'): void {
    this.machine(serial).bootDevice = device;
  }

  /** How many machines are in which state. */
  census(): Record<MachineState, number> {
    const counts: Record<MachineState, number> = { off: 0, lookup: 0, ramdisk: 0, instance: 0, stranded: 0 };
    for (const { state } of this.machines) counts[state] += 1;
    return counts;
  }

  /** Returns what ends the subscription. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Switches everything off. */
  async close(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.close()));
  }
}
