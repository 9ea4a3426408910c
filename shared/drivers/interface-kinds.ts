/** Every kind of interface of a driver, with the microversion since which driver documents show it. */
export const INTERFACE_KINDS = [
  { kind: 'boot', since: 30 },
  { kind: 'console', since: 30 },
  { kind: 'deploy', since: 30 },
  { kind: 'inspect', since: 30 },
  { kind: 'management', since: 30 },
  { kind: 'network', since: 30 },
  { kind: 'power', since: 30 },
  { kind: 'raid', since: 30 },
  { kind: 'vendor', since: 30 },
  { kind: 'storage', since: 33 },
  { kind: 'rescue', since: 38 },
  { kind: 'bios', since: 40 },
  { kind: 'firmware', since: 86 },
] as const;

export type InterfaceKind = (typeof INTERFACE_KINDS)[number]['kind'];

/** Name of the node's field: `boot` → `boot_interface`. */
export function fieldOf(kind: InterfaceKind): string {
  return `${kind}_interface`;
}
