import { z } from 'zod';
import { askingScript, isPrintable, localScript, ramdiskScript } from '../../shared/boot/boot-script.ts';
import { bootsLocally } from '../../shared/boot/boots-locally.ts';
import { NotFound } from '../../shared/errors.ts';
import { evidenceOf, isFindable, type Shown } from '../../shared/identity/evidence.ts';
import { identify } from '../../shared/identity/identify.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { parse } from './evidence-from-request.ts';

type Needs = Pick<Services, 'nodes' | 'identity' | 'configuration'>;

/** What iPXE knows of a machine. An empty value is a setting that it does not have. */
export const bootQuery = z.object({
  mac: z.string().max(64).optional(),
  serial: z.string().max(255).optional(),
  uuid: z.string().max(64).optional(),
  asset: z.string().max(255).optional(),
  manufacturer: z.string().max(255).optional(),
  product: z.string().max(255).optional(),
});

/**
 * A script for iPXE, as text. Reads only: who boots is no node until its agent says so. A known machine that waits, a
 * stranger and a conflict get the same bytes; only a machine with an instance is sent to its disk.
 */
export function bootHandler(services: Needs): Handler {
  return async (request) => {
    const { boot } = services.configuration;
    if (boot === null) {
      throw new NotFound('No ramdisk is configured here: set boot.kernel and boot.ramdisk in the configuration.');
    }
    const asked = parse(bootQuery, request.query);
    const apiUrl = apiUrlOf(request);
    if (asked.mac === undefined) return script(askingScript(apiUrl));
    const shown = (kind: Shown['kind'], text: string | undefined): Shown => ({ kind, text, source: 'query' });
    const evidence = evidenceOf([
      shown('mac', asked.mac),
      shown('system_serial', asked.serial),
      shown('system_uuid', asked.uuid),
      shown('asset_tag', asked.asset),
    ]);
    const decision = isFindable(evidence) ? await identify(evidence, services) : undefined;
    const local = decision?.verdict === 'match' && bootsLocally(decision.node);
    const journal = decision?.verdict === 'match' ? { node: decision.node.uuid } : {};
    return { ...script(local ? localScript() : ramdiskScript(boot, apiUrl)), journal };
  };
}

/** Where the agent reports to: this API, below the join link with which the machine was booted. */
function apiUrlOf({ publicUrl }: ApiRequest): string {
  // A header, or the path, may have said what it is: it goes into a script only if it can be nothing but a URL there.
  if (!isPrintable(publicUrl)) throw new NotFound('Not found.');
  return publicUrl;
}

const script = (text: string): ApiResponse => ({
  status: 200,
  // A script is of its moment: a proxy's copy would boot a machine into the wrong thing.
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
  text,
});
