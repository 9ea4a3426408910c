import type { Background, VendorTask } from '../shared/vendor/background.ts';
import { carryOut } from '../shared/vendor/carry-out.ts';
import { documentResults, type VendorOutcome } from '../shared/vendor/vendor-results.ts';
import { tableWith } from '../shared/vendor/vendor-table.ts';
import type { Services } from './services.ts';

type Needs = Pick<Services, 'nodes' | 'documents' | 'bmcs' | 'hooks' | 'clock' | 'configuration'>;

/** Carries out async vendor calls: the function of that name on AWS, this process on one machine. */
export function vendorWork(services: Needs): (task: VendorTask) => Promise<VendorOutcome | undefined> {
  const table = tableWith(services.configuration.hooks);
  const results = documentResults(services.documents);
  return (task) => carryOut(task, table, { ...services, results });
}

/** Goes on in this process, which nothing freezes. */
export function backgroundHere(services: Needs & Pick<Services, 'log'>): Background {
  const work = vendorWork(services);
  return {
    async begin(task) {
      work(task).catch((error: unknown) => {
        const name = error instanceof Error ? error.name : typeof error;
        services.log.error('an async vendor call could not be carried out', { error: name });
      });
    },
  };
}
