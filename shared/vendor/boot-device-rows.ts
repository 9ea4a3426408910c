import { z } from 'zod';
import { chooseBootDevice } from '../drivers/set-boot-device.ts';
import { Unavailable } from '../errors.ts';
import { type VendorMethod, vendorMethod } from './vendor-method.ts';

/** Where Ironic's own call for it is `PUT …/management/boot_device`, drivers of its first years had this method. */
const bootDeviceRow = (vendor: string): VendorMethod =>
  vendorMethod({
    name: 'set_boot_device',
    vendor,
    audience: 'operator',
    subject: 'node',
    verbs: ['POST'],
    async: false,
    description: 'Set the boot device. Required argument: "device"; optional: "persistent" (default: false)',
    arguments: z.strictObject({ device: z.string().min(1).max(64), persistent: z.boolean().default(false) }),
    run: async ({ subject, nodes, bmcs }, { device, persistent }) => {
      if (!bmcs) throw new Unavailable('Machines are not managed from here.');
      await chooseBootDevice(subject.node, device, persistent, { nodes, bmcs });
      return null;
    },
  });

export const BOOT_DEVICE_ROWS: readonly VendorMethod[] = ['fake', 'redfish', 'hook'].map(bootDeviceRow);
