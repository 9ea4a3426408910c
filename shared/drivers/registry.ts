import { InvalidInput, NotFound } from '../errors.ts';
import type { Node } from '../node/node.ts';
import { BOOT_DEVICES, DEPLOY, type DeployCapability, POWER, type PowerCapability } from './capabilities.ts';
import { HARDWARE_TYPES, type HardwareType } from './hardware-types.ts';
import { implementationOf } from './implementation.ts';
import { fieldOf, INTERFACE_KINDS } from './interface-kinds.ts';

export function hardwareTypes(): readonly HardwareType[] {
  return HARDWARE_TYPES;
}

export const isHardwareType = (name: string): boolean => HARDWARE_TYPES.some((row) => row.name === name);

/** Throws `NotFound`: for places where the driver is the resource. */
export function hardwareType(name: string): HardwareType {
  const found = HARDWARE_TYPES.find((row) => row.name === name);
  if (!found) throw new NotFound(`Could not find the following driver(s) or hardware type(s): ${name}.`);
  return found;
}

/** Every `<kind>_interface` of a node that asks for nothing. Throws `InvalidInput`: here the driver is an input. */
export function defaultInterfaces(driver: string): Record<string, string> {
  return checkInterfaces(driver, {});
}

/** What was asked for, with the driver's defaults for the rest. */
export function checkInterfaces(driver: string, asked: Readonly<Record<string, string>>): Record<string, string> {
  const type = HARDWARE_TYPES.find((row) => row.name === driver);
  if (!type) {
    throw new InvalidInput(
      'No valid host was found. Reason: No conductor service registered which supports ' +
        `driver ${driver} for conductor group "". Ensure the driver is valid and enabled.`,
    );
  }
  const result: Record<string, string> = {};
  for (const { kind } of INTERFACE_KINDS) {
    const { default: preset, enabled } = type.interfaces[kind];
    const name = (Object.hasOwn(asked, fieldOf(kind)) ? asked[fieldOf(kind)] : undefined) ?? preset;
    if (!enabled.includes(name)) {
      const valid = enabled.map((one) => `'${one}'`).join(', ');
      throw new InvalidInput(
        `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ${name}. ` +
          `Valid interfaces are [${valid}].`,
      );
    }
    result[fieldOf(kind)] = name;
  }
  const stranger = Object.keys(asked).find((key) => !Object.hasOwn(result, key));
  if (stranger !== undefined) throw new InvalidInput(`There is no interface field ${stranger}.`);
  return result;
}

/** A power interface without a row needs a person: nobody is pretended to have switched a machine. */
export function powerCapability(node: Pick<Node, 'interfaces'>): PowerCapability {
  return POWER.get(implementationOf(node, 'power')) ?? 'person';
}

/** A deploy interface without a row drives no agent. */
export function deployCapability(node: Pick<Node, 'interfaces'>): DeployCapability {
  return DEPLOY.get(implementationOf(node, 'deploy')) ?? 'none';
}

export function bootDevices(node: Pick<Node, 'interfaces'>): readonly string[] {
  return BOOT_DEVICES.get(implementationOf(node, 'management')) ?? [];
}
