import { isLike, maskedMedium } from '../../boot/medium-name.ts';
import type { JsonObject } from '../../json.ts';
import type { Beside, ExchangeReply } from '../../run/run.ts';
import { ask, BmcFault, type Dialogue, get, linkOf, linksOf, listOf, objectOf, textOf } from './dialogue.ts';
import { actionOf, readSystem, type System } from './system.ts';

/** Ironic's device → `MediaTypes`. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  cdrom: ['CD', 'DVD'],
  floppy: ['Floppy', 'USBStick'],
  disk: ['USBStick', 'Floppy'],
};

interface Slot {
  path: string;
  body: JsonObject;
}

export interface Medium {
  image: string | null;
  inserted: boolean;
  media_types: string[];
}

export function* listMedia(systemPath: string | null): Dialogue<Medium[]> {
  const slots = yield* readSlots(yield* readSystem(systemPath));
  return slots.map(({ body }) => ({
    // The address of a machine's token is for its BMC alone.
    image: maskedMedium(textOf(body.Image) ?? '') || null,
    inserted: body.Inserted === true,
    media_types: listOf(body.MediaTypes).map(String),
  }));
}

/** Puts an image into the first slot of its kind; what was there before is taken out. */
export function* insertMedium(systemPath: string | null, device: string, image: string): Dialogue<ExchangeReply> {
  const slots = yield* readSlots(yield* readSystem(systemPath));
  const slot = slots.find((one) => fits(one, device));
  if (!slot) throw new BmcFault('unsupported', `it has no virtual media for ${device}`, 400);
  return yield* insert(slot, image);
}

function* insert(slot: Slot, image: string): Dialogue<ExchangeReply> {
  if (slot.body.Inserted === true && slot.body.Image === image) return { kind: 'accepted' };
  if (slot.body.Inserted === true) yield* eject(slot);
  const action = actionOf(slot.body, '#VirtualMedia.InsertMedia', 'Image');
  const body: JsonObject = { Image: image, Inserted: true, WriteProtected: true };
  yield* action
    ? ask({ method: 'POST', path: action.target, body })
    : // Before Redfish 1.2 of the schema there is no action.
      ask({ method: 'PATCH', path: slot.path, body: { Image: image, Inserted: true } });
  return { kind: 'accepted' };
}

/**
 * Puts an image into a slot beside the first CD. CDs before sticks, for which some BMCs want other names of files.
 * Returns false where none is free; then nothing happens.
 */
export function* insertBeside(systemPath: string | null, beside: Beside): Dialogue<boolean> {
  const slots = yield* readSlots(yield* readSystem(systemPath));
  const slot = besideOf(slots, beside.like);
  if (slot) yield* insert(slot, beside.image);
  return slot !== undefined;
}

/** The agent's ISO goes out, and what was put beside it; not what an operator has put there. */
export function* ejectRamdisk(systemPath: string | null, like: string | undefined): Dialogue<ExchangeReply> {
  const slots = yield* readSlots(yield* readSystem(systemPath));
  for (const slot of slots) {
    const ours = fits(slot, 'cdrom') || (like !== undefined && isLike(slot.body.Image, like));
    if (ours && isFull(slot)) yield* eject(slot);
  }
  return { kind: 'accepted' };
}

function besideOf(slots: readonly Slot[], like: string): Slot | undefined {
  const first = slots.find((one) => fits(one, 'cdrom'));
  const others = slots.filter((one) => one !== first && (!isFull(one) || isLike(one.body.Image, like)));
  return others.find((one) => fits(one, 'cdrom')) ?? others.find((one) => fits(one, 'disk'));
}

/** `devices` empty: all of them. What is not inserted is not asked for. */
export function* ejectMedia(systemPath: string | null, devices: readonly string[] = []): Dialogue<ExchangeReply> {
  const slots = yield* readSlots(yield* readSystem(systemPath));
  for (const slot of slots) {
    const wanted = devices.length === 0 || devices.some((device) => fits(slot, device));
    if (wanted && isFull(slot)) yield* eject(slot);
  }
  return { kind: 'accepted' };
}

const isFull = ({ body }: Slot): boolean => body.Inserted === true || textOf(body.Image) !== null;

function fits({ body }: Slot, device: string): boolean {
  const types = listOf(body.MediaTypes);
  return (TYPES[device] ?? []).some((type) => types.includes(type));
}

function* eject({ path, body }: Slot): Dialogue<void> {
  const action = actionOf(body, '#VirtualMedia.EjectMedia', 'Image');
  yield* action
    ? ask({ method: 'POST', path: action.target, body: {} })
    : ask({ method: 'PATCH', path, body: { Image: null, Inserted: false } });
}

/** Newer BMCs have the slots at the system, the others at their manager. */
function* readSlots({ body }: System): Dialogue<Slot[]> {
  const collection = linkOf(body.VirtualMedia) ?? (yield* collectionOfManager(body));
  if (collection === null) throw new BmcFault('unsupported', 'it has no virtual media', 400);
  const slots: Slot[] = [];
  for (const path of linksOf((yield* get(collection)).body.Members))
    slots.push({ path, body: (yield* get(path)).body });
  return slots;
}

function* collectionOfManager(system: JsonObject): Dialogue<string | null> {
  const [manager] = linksOf(objectOf(system.Links).ManagedBy);
  return manager === undefined ? null : linkOf((yield* get(manager)).body.VirtualMedia);
}
