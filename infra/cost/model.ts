import { DEFAULTS } from '../../shared/configuration.ts';
import { MOST_A_SWEEP } from '../../shared/drivers/sync-power.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics/metrics.ts';
import { ALARMS } from '../alarms.ts';
import { SIZES } from '../function-settings.ts';
import { readOptions } from '../options.ts';
import { ASSUMED, COUNTED } from './counts.ts';
import { BY_MILLION, PRICES, type PriceName } from './prices.ts';

/** So many of each thing that has a price. */
export type Uses = Partial<Record<PriceName, number>>;

const SECONDS_A_MONTH = 730 * 3600;
const gbSeconds = (memoryMb: number, milliseconds: number): number => (memoryMb / 1024) * (milliseconds / 1000);
const gb = (bytes: number): number => bytes / 1e9;

export function times(uses: Uses, factor: number): Uses {
  return Object.fromEntries(Object.entries(uses).map(([name, count]) => [name, count * factor]));
}
export function sum(...all: Uses[]): Uses {
  const total: Uses = {};
  for (const [name, count] of all.flatMap((uses) => Object.entries(uses) as [PriceName, number][])) {
    total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

const usdOf = (name: PriceName, count: number): number =>
  (count * PRICES[name].usd) / (BY_MILLION.has(name) ? 1_000_000 : 1);
export const usd = (uses: Uses): number =>
  (Object.entries(uses) as [PriceName, number][]).reduce((total, [name, count]) => total + usdOf(name, count), 0);
export const parts = (uses: Uses): [PriceName, number][] =>
  (Object.entries(uses) as [PriceName, number][]).map(([name, count]) => [name, usdOf(name, count)]);

export const HEARTBEAT: Uses = {
  restRequests: 1,
  lambdaRequests: 1,
  lambdaGbSeconds: gbSeconds(SIZES['agent-heartbeat'].memoryMb, ASSUMED.heartbeatMs),
  writeUnits: COUNTED.heartbeat.writeUnits,
  readUnits: COUNTED.heartbeat.readUnits,
  logGb: gb(ASSUMED.logBytes),
};

const { deploy } = COUNTED;
export const DEPLOY: Uses = sum(times({ ...HEARTBEAT, writeUnits: 0 }, deploy.beats), {
  transitions: deploy.transitions,
  // Every event may start the publisher alone.
  lambdaRequests: deploy.advances + deploy.exchanges + deploy.events,
  lambdaGbSeconds:
    deploy.advances * gbSeconds(SIZES['workflow-advance'].memoryMb, ASSUMED.advanceMs) +
    deploy.exchanges * gbSeconds(SIZES.reach.memoryMb, ASSUMED.exchangeMs) +
    deploy.events * gbSeconds(SIZES['stream-publish'].memoryMb, ASSUMED.publishMs),
  writeUnits: deploy.writeUnits,
  readUnits: deploy.readUnits,
  events: deploy.events,
  logGb: gb((deploy.exchanges + deploy.advances + deploy.events) * ASSUMED.logBytes),
});

/**
 * An async vendor call to a BMC: taken by the operator API, carried out by `vendor-work`, told of in the node's history,
 * and asked once for its result.
 */
export const VENDOR_CALL: Uses = {
  restRequests: 2,
  lambdaRequests: 3 + ASSUMED.vendorExchanges + 1,
  lambdaGbSeconds:
    2 * gbSeconds(SIZES.operator.memoryMb, ASSUMED.operatorMs) +
    gbSeconds(SIZES['vendor-work'].memoryMb, ASSUMED.vendorWorkMs) +
    gbSeconds(SIZES.reach.memoryMb, ASSUMED.vendorWorkMs) +
    gbSeconds(SIZES['stream-publish'].memoryMb, ASSUMED.publishMs),
  // The minute's count, then the row and its event in one transaction; names and password are read on each side.
  writeUnits: 1 + 2 * 2,
  readUnits: 2 + 2 + 2,
  documentWrites: 2,
  documentReads: 3,
  events: 1,
  logGb: gb((3 + ASSUMED.vendorExchanges) * ASSUMED.logBytes),
};

/** The stack with nobody calling it, or with so many nodes that are only swept. */
export function idle(nodes = 0): Uses {
  const sweeps = SECONDS_A_MONTH / (readOptions({}).sweepMinutes * 60);
  const kinds = 16;
  const milliseconds = ASSUMED.sweepMs + (nodes / 1000) * ASSUMED.sweepMsPerThousandNodes;
  return {
    secretMonth: 2,
    alarmMonth: ALARMS.flatMap(({ on }) => on).length,
    lambdaRequests: sweeps,
    lambdaGbSeconds: sweeps * gbSeconds(SIZES.sweep.memoryMb, milliseconds),
    readUnits: sweeps * Math.max(kinds, (nodes * ASSUMED.rowKb) / 4),
    storageGbMonth: (nodes * ASSUMED.nodeKb) / 1e6,
    backupGbMonth: (nodes * ASSUMED.nodeKb) / 1e6,
  };
}

/** A month of comparing power states with so many BMCs: one exchange each with redfish_system_id given. */
export function powerSync(bmcs: number): Uses {
  const sweepSeconds = readOptions({}).sweepMinutes * 60;
  const asked = Math.min(MOST_A_SWEEP, (bmcs * sweepSeconds) / DEFAULTS.powerSyncSeconds);
  const gbSecondsEach =
    gbSeconds(SIZES.reach.memoryMb, ASSUMED.bmcMs) +
    gbSeconds(SIZES.sweep.memoryMb, ASSUMED.bmcMs / ASSUMED.bmcsAtOnce);
  return times(
    // The BMC's password.
    { lambdaRequests: 1, lambdaGbSeconds: gbSecondsEach, readUnits: 1, logGb: gb(ASSUMED.logBytes) },
    (asked * SECONDS_A_MONTH) / sweepSeconds,
  );
}

/** Every value of every dimension was seen: the most that metrics can cost. */
const ALL_METRICS: Uses = {
  metricMonth: Object.values<MetricDefinition>(METRICS).reduce(
    (all, one) => all + (one.dimension?.values.length ?? 1),
    0,
  ),
};

/** A month of a fleet of which this part runs its agent. */
export function fleet(machines: number, part: number, intervalSeconds: number): Uses {
  const beats = (machines * part * SECONDS_A_MONTH * ASSUMED.beatsPerInterval) / intervalSeconds;
  return sum(
    idle(machines),
    ALL_METRICS,
    times(HEARTBEAT, beats),
    times(DEPLOY, machines * ASSUMED.deploysPerMachineMonth),
  );
}

/** Three servers with everything on them, and more where one conductor does not carry the beats. */
export function ironic(machines: number): { servers: number; uses: Uses } {
  const servers = Math.max(3, Math.ceil(machines / 3700));
  const hours = 730;
  return { servers, uses: { serverHour: servers * hours, balancerHour: hours, diskGbMonth: servers * 50 } };
}
