import type { MetricName } from '../shared/metrics/metrics.ts';

/** One of our metrics with a value of its dimension, or what AWS counts for nothing. */
export type Signal =
  | { metric: MetricName; of?: string }
  | { aws: 'agent-api-5xx' | 'sweep-errors' | 'undelivered-events' };

/** What somebody is woken for, and what to do then: five at most, each with a night's work of its own. */
export interface AlarmRow {
  name: string;
  /** Added up, each costs $0.10 a month. */
  on: readonly Signal[];
  /** At least so many within `minutes`, in `periods` of them one after the other. */
  threshold: number;
  minutes: number;
  periods: number;
  why: string;
  what: string;
}

export const ALARMS: readonly AlarmRow[] = [
  {
    name: 'AgentApiFails',
    on: [{ aws: 'agent-api-5xx' }],
    threshold: 5,
    minutes: 5,
    periods: 2,
    why: 'Machines get no answer. Agents come back by themselves for ten minutes; then their ramdisks give up.',
    what: 'Look at the log of agent-heartbeat and agent-lookup for level ERROR. "Unavailable": DynamoDB or Step Functions throttle or are down, see the AWS health page; it mends itself. Anything else is ours: deploy the previous release, the data stays.',
  },
  {
    name: 'RunsFail',
    on: [{ metric: 'RunsEnded', of: 'failed' }],
    threshold: 5,
    minutes: 60,
    periods: 1,
    why: 'Several deploys or cleanings failed: rarely the machines, mostly an image, a network or a ramdisk.',
    what: '`openstack baremetal node list --provision-state "deploy failed"`, and `last_error` of each. One reason for all: mend it (image server, DHCP, ramdisk), then ask for the deploys again. Set limits.stopAll until then if disks are at risk.',
  },
  {
    name: 'RunsStuck',
    on: [{ metric: 'RunsStuck', of: 'resumed' }, { aws: 'sweep-errors' }],
    threshold: 3,
    minutes: 60,
    periods: 1,
    why: 'Executions die under their runs, or the sweeper that starts others fails. While it works machines go on, slowly; without it they wait for ever.',
    what: 'First the log of sweep. "newer release": a rollback met newer data, deploy the newer release again. A time-out: the fleet has outgrown the function, raise its memory and its time-out in infra/function-settings.ts. No error there: open the last failed execution of the state machine and read its error, then the log of workflow-advance at that time. A quota of Lambda or Step Functions: have it raised. An exception: deploy the previous release.',
  },
  {
    name: 'PasswordsGuessed',
    on: [{ metric: 'LoginsRefused' }],
    threshold: 50,
    minutes: 15,
    periods: 1,
    why: 'Somebody gives wrong passwords to the operator API. The generated one cannot be guessed; a script with an old one looks the same.',
    what: 'Log of the function operator, lines with decision login-refused: `source` is the address, each gets 429 after 20 a minute. One of yours: give it the password of today. A stranger: name the networks that may call in the option operatorSources, or use operatorAuth=iam, and deploy.',
  },
  {
    name: 'EventsNotDelivered',
    on: [{ aws: 'undelivered-events' }],
    threshold: 1,
    minutes: 5,
    periods: 1,
    why: 'Readers of the event bus miss events. Nodes are not concerned, their histories are complete.',
    what: 'Can wait until morning. The messages in the queue UndeliveredEvents say which records of the stream; their nodes’ histories have the same events. Read the log of stream-publish, mend, and empty the queue.',
  },
];
