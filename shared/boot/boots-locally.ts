import type { Node } from '../node/node.ts';

/** States in which the disk is somebody's: the machine boots what is on it. In all others it gets the ramdisk. */
const FROM_DISK = ['active', 'adopting', 'adopt failed', 'unrescuing'];

export const bootsLocally = (node: Pick<Node, 'provision_state'>): boolean => FROM_DISK.includes(node.provision_state);
