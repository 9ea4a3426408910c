import { v7, version } from 'uuid';
import { isUuid } from './checks.ts';

/** UUIDs of version 7 begin with their time: the order of the keys is the order of creation, and a page is read as one. */
export const newUuid = (): string => v7();

/** Whether a UUID says by itself where it stands among the others, also after its row is gone. */
export const isTimeOrdered = (uuid: string): boolean => isUuid(uuid) && uuid.includes('-') && version(uuid) === 7;
