// In the heartbeat's bundle: nothing but errors is imported.
import { Unavailable } from '../../errors.ts';

type Item = Readonly<Record<string, unknown>>;
type Upgrade = (item: Item) => Item;

/**
 * How items of an older release are made readable, per kind of item, oldest step first: the first makes shape 1 into
 * shape 2. A release that changes the meaning of a stored field appends a step here; nothing else changes.
 * Steps of sessions and boots get raw attributes, the others documents. Lists read parts of rows: a step bears absent fields.
 */
const UPGRADES = {
  node: [],
  port: [],
  /** Chassis, allocations, runbooks …: all that shared/resource keeps. */
  resource: [],
  claim: [],
  event: [],
  secret: [],
  session: [],
  boot: [],
} satisfies Record<string, readonly Upgrade[]>;

export type ItemKind = keyof typeof UPGRADES;
export type Upgrades = Readonly<Record<ItemKind, readonly Upgrade[]>>;
export const ITEM_KINDS = Object.keys(UPGRADES) as ItemKind[];

/** The shape that this release writes. */
export const shapeOf = (kind: ItemKind, upgrades: Upgrades = UPGRADES): number => upgrades[kind].length + 1;

/**
 * An item in the shape of this release. One without a version is of shape 1. Throws `Unavailable` for one of a newer
 * release: to read it would be to guess, and to write it would lose what we do not know.
 */
export function readable<T extends object>(kind: ItemKind, item: T, upgrades: Upgrades = UPGRADES): T {
  const stored = storedShape(item as Item);
  const known = shapeOf(kind, upgrades);
  if (stored === known) return item;
  if (!(stored >= 1 && stored < known)) throw newer(kind, stored, known);
  const steps = upgrades[kind].slice(stored - 1);
  return steps.reduce((older, step) => step(older), item as Item) as T;
}

/** The error for an item that another release has written since, or undefined. For raw items of refused writes. */
export function writtenByNewer(kind: ItemKind, item: object | undefined): Unavailable | undefined {
  const stored = item === undefined ? 1 : storedShape(item as Item);
  return stored > shapeOf(kind) ? newer(kind, stored, shapeOf(kind)) : undefined;
}

/** `schema`, or `v` in the agents table, where every heartbeat pays for names. */
function storedShape(item: Item): number {
  const version = item['schema'] ?? item['v'] ?? 1;
  return Number(typeof version === 'object' && version !== null && 'N' in version ? version.N : version);
}

function newer(kind: ItemKind, stored: number, known: number): Unavailable {
  return new Unavailable(
    `This ${kind} was stored by a newer release of Nodeless (shape ${stored}, this release knows ${known}). ` +
      'Deploy the newer release again; nothing was changed',
    60,
  );
}
