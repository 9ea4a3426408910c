/** List prices in US dollars, us-east-1, free tiers left out. A month has 730 hours. */
export const DATED = '2026-11-22';

export interface Price {
  usd: number;
  per: string;
  /** Where it was read, by name; `from memory` = not confirmed in a source that could be opened. */
  source: string;
}

export const PRICES = {
  restRequests: { usd: 3.5, per: 'million requests, the first 333 million of a month', source: 'API Gateway pricing' },
  lambdaRequests: { usd: 0.2, per: 'million invocations', source: 'Lambda pricing' },
  lambdaGbSeconds: { usd: 13.3334, per: 'million GB-seconds, arm64', source: 'Lambda pricing' },
  writeUnits: { usd: 0.625, per: 'million write units, on demand', source: 'DynamoDB pricing since November 2024' },
  readUnits: { usd: 0.125, per: 'million read units, on demand', source: 'DynamoDB pricing since November 2024' },
  storageGbMonth: { usd: 0.25, per: 'GB and month', source: 'DynamoDB pricing, from memory' },
  backupGbMonth: { usd: 0.2, per: 'GB and month of point-in-time recovery', source: 'DynamoDB pricing, from memory' },
  transitions: { usd: 25, per: 'million transitions, Standard', source: 'Step Functions pricing' },
  events: { usd: 1, per: 'million events published', source: 'EventBridge pricing, from memory' },
  documentWrites: { usd: 5, per: 'million writes of an object', source: 'S3 pricing, from memory' },
  documentReads: { usd: 0.4, per: 'million reads of an object', source: 'S3 pricing, from memory' },
  logGb: { usd: 0.5, per: 'GB of logs taken in', source: 'CloudWatch pricing' },
  metricMonth: { usd: 0.3, per: 'metric and month, by dimension value seen', source: 'CloudWatch pricing' },
  alarmMonth: { usd: 0.1, per: 'metric of an alarm and month', source: 'CloudWatch pricing' },
  secretMonth: { usd: 0.4, per: 'secret and month', source: 'Secrets Manager pricing, from memory' },
  serverHour: { usd: 0.1632, per: 'hour of an m7g.xlarge', source: 'EC2 pricing, from memory' },
  balancerHour: { usd: 0.0225, per: 'hour of a load balancer', source: 'ELB pricing, from memory' },
  diskGbMonth: { usd: 0.08, per: 'GB and month of gp3', source: 'EBS pricing, from memory' },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;
/** Prices that count by the million. */
export const BY_MILLION: ReadonlySet<PriceName> = new Set([
  'restRequests',
  'lambdaRequests',
  'lambdaGbSeconds',
  'writeUnits',
  'readUnits',
  'transitions',
  'events',
  'documentWrites',
  'documentReads',
]);
