import type { Counters } from '../../enrollment/counters.ts';
import type { MemoryTables } from './tables.ts';

export class MemoryCounters implements Counters {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  take(counter: string, most: number): Promise<boolean> {
    return this.#tables.faults.perform('counters.take', () => {
      const count = this.#tables.counters.get(counter) ?? 0;
      if (count >= most) return false;
      this.#tables.counters.set(counter, count + 1);
      return true;
    });
  }

  giveBack(counter: string): Promise<void> {
    return this.#tables.faults.perform('counters.giveBack', () => {
      this.#tables.counters.set(counter, Math.max(0, (this.#tables.counters.get(counter) ?? 0) - 1));
    });
  }

  set(counter: string, value: number): Promise<void> {
    return this.#tables.faults.perform('counters.set', () => {
      if (this.#tables.counters.has(counter)) this.#tables.counters.set(counter, value);
    });
  }

  hold(counter: string, holder: string, most: number, at: number): Promise<boolean> {
    return this.#tables.faults.perform('counters.hold', () => {
      const places = this.#tables.places.get(counter) ?? new Map<string, number>();
      if (!places.has(holder) && places.size >= most) return false;
      this.#tables.places.set(counter, places.set(holder, at));
      return true;
    });
  }

  letGo(counter: string, holder: string, heldAt?: number): Promise<void> {
    return this.#tables.faults.perform('counters.letGo', () => {
      const places = this.#tables.places.get(counter);
      if (heldAt === undefined || places?.get(holder) === heldAt) places?.delete(holder);
    });
  }

  holders(counter: string): Promise<{ holder: string; heldAt: number }[]> {
    return this.#tables.faults.perform('counters.holders', () =>
      [...(this.#tables.places.get(counter) ?? [])].map(([holder, heldAt]) => ({ holder, heldAt })),
    );
  }
}
