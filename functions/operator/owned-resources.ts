import { VersionConflict } from '../../shared/errors.ts';
import { PORTGROUP } from '../../shared/resource/portgroup.ts';
import { type Item, uniquesOf } from '../../shared/resource/resource.ts';
import { VOLUME_CONNECTOR, VOLUME_TARGET } from '../../shared/resource/volume.ts';
import type { Services } from '../services.ts';

const OWNED = [PORTGROUP, VOLUME_CONNECTOR, VOLUME_TARGET];

/** What goes with a node and has rows of its own. */
export async function removeOwned({ resources }: Pick<Services, 'resources'>, node: string): Promise<void> {
  const removed = OWNED.map(async (resource) => {
    const items = (await resources.list<Item>(resource.kind)).filter((item) => item.node_uuid === node);
    for (const item of items) await resources.remove(resource.kind, item, uniquesOf(resource, item)).catch(lost);
  });
  await Promise.all(removed);
}

/** Somebody else removed it, or will: its node is gone either way. */
function lost(error: unknown): void {
  if (!(error instanceof VersionConflict)) throw error;
}
