import type { MachineEvent } from '../../test/rack/types.ts';

const started = Date.now();
const beats = new Map<string, number>();
const written = new Set<string>();

/** One line as it happens: seconds, who, what. */
export function say(who: string, what: string): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${who.padEnd(9)} ${what}`);
}

/** What belongs to the line above. */
export function sayMore(what: string): void {
  console.log(`${' '.repeat(20)}${what}`);
}

/** What a machine does, for a reader; the rest is noise. */
export function sayEvent(event: MachineEvent): void {
  const { kind, detail } = event;
  const lines: Partial<Record<typeof kind, string>> = {
    'power-on': `is powered on and boots ${written.has(event.serial) ? 'from its disk' : 'the ramdisk'}`,
    inspection: 'posts its inventory',
    adopted: 'knows who it is and has a token',
    command: `is told: ${detail['name']}`,
    'disk-written': 'has written the image',
    'power-off-ordered': 'switches itself off',
    'reboot-ordered': 'reboots itself',
    instance: 'runs the installed system',
    stranded: `is stranded: ${detail['why'] ?? ''}`,
    died: `its agent died: ${detail['why'] ?? ''}`,
  };
  if (kind === 'disk-written') written.add(event.serial);
  if (kind === 'heartbeat') beats.set(event.serial, (beats.get(event.serial) ?? 0) + 1);
  const beat = kind === 'heartbeat' ? `sends heartbeat ${beats.get(event.serial)}` : undefined;
  const line = lines[kind] ?? beat;
  if (line) say(event.serial, line);
}

/** Calls an API of the runtime; anything but the expected status ends the demo. */
export async function call(
  base: string,
  method: string,
  path: string,
  given: { body?: unknown; expect: number },
): Promise<Record<string, unknown>> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.110' },
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
  });
  const text = await response.text();
  if (response.status !== given.expect) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return (typeof parsed === 'object' && parsed !== null ? parsed : { value: parsed }) as Record<string, unknown>;
}
