import { REDFISH_BOOT_DEVICES } from './redfish/boot.ts';

/**
 * Who switches a machine: we pretend it at once, a person has to, exchanges with a BMC do, an operator's own code, or
 * nobody, because nothing here speaks what its BMC does.
 */
export type PowerCapability = 'immediate' | 'person' | 'exchange' | 'hook' | 'nobody';

/** What each power interface can do: declared here, sniffed nowhere. */
export const POWER: ReadonlyMap<string, PowerCapability> = new Map([
  ['fake', 'immediate'],
  ['manual', 'person'],
  ['redfish', 'exchange'],
  ['hook', 'hook'],
  ['ipmitool', 'nobody'],
]);

/** `image`: the agent writes an image, with steps of ours around it. `agent`: what is installed is its own business. */
export type DeployCapability = 'image' | 'agent' | 'none';

/** What each deploy interface does with the agent in the ramdisk. */
export const DEPLOY: ReadonlyMap<string, DeployCapability> = new Map([
  ['direct', 'image'],
  ['custom-agent', 'agent'],
  ['ramdisk', 'none'],
  ['fake', 'none'],
]);

/** Boot devices that a management interface takes. */
export const BOOT_DEVICES: ReadonlyMap<string, readonly string[]> = new Map([
  ['fake', ['pxe', 'disk']],
  ['noop', ['pxe', 'disk']],
  ['redfish', REDFISH_BOOT_DEVICES],
  ['hook', ['pxe', 'disk', 'cdrom', 'bios']],
]);

/** Keys of a logical disk in `target_raid_config`, as Ironic describes them. */
export const LOGICAL_DISK_PROPERTIES: Readonly<Record<string, string>> = {
  raid_level:
    "RAID level for the logical disk. Valid values are 'JBOD', '0', '1', '2', '5', '6', '1+0', '5+0' and '6+0'. Required.",
  size_gb:
    "Size in GiB (Integer) for the logical disk. Use 'MAX' as size_gb if this logical disk is supposed to use the rest of the space available. Required.",
  volume_name: 'Name of the volume to be created. If this is not specified, it will be auto-generated. Optional.',
  is_root_volume: 'Specifies whether this disk is a root volume. By default, this is False. Optional.',
  share_physical_disks:
    'Specifies whether other logical disks can share physical disks with this logical disk. By default, this is False. Optional.',
  disk_type:
    "The type of disk preferred. Valid values are 'hdd' and 'ssd'. If this is not specified, disk type will not be a selection criterion for choosing backing physical disks. Optional.",
  interface_type:
    "The interface type of disk. Valid values are 'sata', 'scsi' and 'sas'. If this is not specified, interface type will not be a selection criterion for choosing backing physical disks. Optional.",
  number_of_physical_disks:
    'Number of physical disks to use for this logical disk. By default, the driver uses the minimum number of disks required for that RAID level. Optional.',
  controller:
    'Controller to use for this logical disk. If not specified, the driver will choose a suitable RAID controller on the bare metal node. Optional.',
  physical_disks:
    'The physical disks to use for this logical disk. If not specified, the driver will choose suitable physical disks to use. Optional.',
};
